/**
 * Writes data/recordings.json from the gzip files in data/recordings/, so that the recordings can be imported without
 * a file system.
 *
 *   node scripts/write-recordings.mjs                    write data/recordings.json
 *   node scripts/write-recordings.mjs PROFILE FILE...    first pack FILE (.jsonl) into data/recordings/PROFILE/
 *
 * The same input gives the same bytes: gzip files carry no time.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'fflate';

const folder = new URL('../data/recordings/', import.meta.url);

const [profile, ...files] = process.argv.slice(2);
if (profile !== undefined) {
  mkdirSync(new URL(`${profile}/`, folder), { recursive: true });
  for (const file of files) {
    const packed = gzipSync(readFileSync(file), { level: 9, mtime: 0 });
    writeFileSync(new URL(`${profile}/${basename(file)}.gz`, folder), packed);
  }
}

const recordings = {};
const profiles = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const { name } of profiles.sort((a, b) => (a.name < b.name ? -1 : 1))) {
  const inside = readdirSync(new URL(`${name}/`, folder)).filter((file) => file.endsWith('.jsonl.gz'));
  for (const file of inside.sort()) {
    const bytes = readFileSync(new URL(`${name}/${file}`, folder));
    recordings[`${name}/${file.slice(0, -'.jsonl.gz'.length)}`] = bytes.toString('base64');
  }
}
writeFileSync(
  new URL('../data/recordings.json', import.meta.url),
  `${JSON.stringify(recordings, null, 2)}\n`,
);
