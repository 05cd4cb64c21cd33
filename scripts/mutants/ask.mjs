/** Asks a bundle: the request goes in and the answer comes out as JSON. */
import { spawn } from 'node:child_process';

/** @throws Error where the process ends with another status than 0 */
export function answer(bundle, request) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--max-old-space-size=2048', bundle], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(JSON.parse(output));
      else reject(new Error(`${bundle} ended with status ${status}`));
    });
    child.stdin.end(JSON.stringify(request));
  });
}
