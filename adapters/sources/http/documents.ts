/** Documents of many events: objects whose arrays are cut up, where the object as a whole is larger than an event may be. */
import { documentParts, type FramedBody } from '../../../native/json.js';

/**
 * Where such objects have their events, and what else stands in them; the format packs that `split` or `unwind` them say the same. Of
 * those that begin alike, the first whose parts fit.
 */
export const documents: readonly { readonly path: string; readonly besides?: string }[] = [
  { path: 'Records' },
  { path: 'records[*].properties.flows[*].flows[*].flowTuples' },
  { path: 'records[*].flowRecords.flows[*].flowGroups[*].flowTuples' },
  { path: 'logEvents', besides: 'messageType' },
  { path: 'detail.findings', besides: 'detail-type' },
  { path: 'entries' },
  { path: 'value', besides: '@odata.context' },
  { path: 'items[*].events', besides: 'kind' },
  { path: 'resourceLogs[*].scopeLogs[*].logRecords' },
];

/** The array's name stands there, so that another object is not searched to its end. */
const beginningBytes = 1024;

/** `object` as several, each no larger than `frameBytesMax`; undefined: it is none of these. */
export function partsOfDocument(object: Buffer, pieceBytesMax: number, frameBytesMax: number): FramedBody | undefined {
  const beginning = object.toString('latin1', 0, beginningBytes);
  let parts: FramedBody | undefined;
  for (const { path, besides } of documents) {
    if (!beginning.includes(`"${path.split(/[.[]/, 1)[0]}"`)) continue;
    const found = documentParts(object, pieceBytesMax, frameBytesMax, path);
    if (found.result === 'ok' && (besides === undefined || has(found.pieces[0]!.bytes, besides))) return found;
    if (found.result === 'frame_too_large') parts = found;
  }
  return parts;
}

/** Whether the first document of a piece has a member of that name. */
function has(piece: Uint8Array, name: string): boolean {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
  try {
    return name in (JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0))) as object);
  } catch {
    return false; // what is not well-formed is no such document
  }
}
