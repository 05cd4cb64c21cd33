/** The suite's version: every result names it. Kept equal to package.json by a test. */
export const SUITE_VERSION = '0.1.0';
