// Writes test/data/frames-with-dictionary: frames too small to repeat themselves, the dictionary they need, and the records of their
// events, each with its size as a varint before it. Run by hand, after `npm run build`, as golden-frames.mjs is.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dictionaryFile, dictionaryId, trainDictionary } from '../dist/native/dictionaries.js';
import { FramePacker, frameOfLines } from '../dist/native/frames.js';
import { projectRoot } from '../dist/native/load.js';

const eventsOfFrame = 12;
const frames = 3;
const folder = join(projectRoot, 'test/data/frames-with-dictionary');
mkdirSync(folder, { recursive: true });
let lines = readFileSync(join(projectRoot, 'bench/data/linux_auth.log'));
const made = [];
while (lines.length > 0) {
  const frame = frameOfLines(lines, { eventsMax: eventsOfFrame });
  made.push(frame);
  lines = lines.subarray(frame.consumed);
}
const packer = new FramePacker(1);
const room = Buffer.alloc(1 << 20);
packer.setSampling(true);
for (const { plain } of made.slice(frames)) packer.packInto(plain, 0, plain.length, room, 0, room.length);
const { candidate } = await trainDictionary(packer.takeSamples(1), { bytesMax: 4096, current: null, level: 1 });
packer.setDictionary(0, candidate);
writeFileSync(join(folder, dictionaryFile(dictionaryId(candidate))), candidate);
for (const [i, { plain, records }] of made.slice(0, frames).entries()) {
  const size = packer.packInto(plain, 0, plain.length, room, 0, room.length);
  writeFileSync(join(folder, `auth${i}.frame`), room.subarray(0, size));
  const sized = records.flatMap((record) => [varint(record.length), record]);
  writeFileSync(join(folder, `auth${i}.records`), Buffer.concat(sized));
  console.log(i, records.length, plain.length, size);
}

function varint(value) {
  const bytes = [];
  for (; value >= 128; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
