/** Documents of many events: objects whose array is cut up, where the object as a whole is larger than an event may be. */
import { firstJsonValueEnd } from '../../../native/json.js';

/** Arrays of events, and what else stands in such an object; the format packs that split them ask for the same. */
const arrays: readonly (readonly [array: string, besides?: string])[] = [
  ['Records'],
  ['records'],
  ['logEvents', 'messageType'],
  ['entries'],
  ['value', '@odata.context'],
  ['items', 'kind'],
];
/** What stands around the array, and comes with each part of it. */
const aroundBytesMax = 1024;

/** Where the array stands in `object`, its brackets included; undefined: it is none of these. */
export function arrayOf(object: Buffer): [begin: number, end: number] | undefined {
  for (const [array, besides] of arrays) {
    const begin = arrayBegin(object, array);
    if (begin < 0) continue;
    const length = firstJsonValueEnd(object.subarray(begin));
    const end = begin + length;
    if (length === 0 || begin + object.length - end > aroundBytesMax) continue;
    const around = parsed(`${object.toString('utf8', 0, begin)}[]${object.toString('utf8', end)}`);
    // Only where it is the object's own: not a text that looks like it, nor an array further in.
    if (around !== undefined && Array.isArray(around[array]) && (besides === undefined || besides in around))
      return [begin, end];
  }
  return undefined;
}

function arrayBegin(object: Buffer, name: string): number {
  const head = object.toString('latin1', 0, aroundBytesMax + 1);
  const found = new RegExp(`"${name}"[ \\t\\r\\n]*:[ \\t\\r\\n]*\\[`).exec(head);
  return found ? found.index + found[0].length - 1 : -1;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
