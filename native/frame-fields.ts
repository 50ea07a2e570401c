/** Some fields of a frame's events, read natively: only the columns that hold them. For consumers: `frameFields` of penstock/frames. */
import { CodecError } from './codecs.js';
import { decodedBytesMax, unpackFrame } from './frames.js';
import { loadAddon } from './load.js';
import { ecsFieldNumber } from './log-event.js';

interface FrameFieldsAddon {
  frameFields(
    plain: Uint8Array,
    bytesMax: number,
    numbers: Uint32Array,
    names: readonly string[],
  ): FieldValues | string;
}

/** Values of the wanted fields of all events, in the order of events; every array but `bytes` has an element for each value. */
export interface FieldValues {
  /** The event, from 0. */
  readonly events: Uint32Array;
  /** Which of the wanted fields. */
  readonly wanted: Uint8Array;
  /** Slot kind (docs/reference/frames.md): 0, 4 and 9 are texts. */
  readonly kinds: Uint8Array;
  /** Integers, the bits of doubles, booleans. */
  readonly numbers: BigInt64Array;
  /** Where texts end in `bytes`; each begins where the one before ends. */
  readonly ends: Uint32Array;
  readonly bytes: Buffer;
}

export const wantedFieldsMax = 64;
const attrsNumber = 15;
/** Fields that every event has a place of its own for (LogEventNumber): no value of a message becomes them by its name. */
const ownNumbers = new Map([
  ['@timestamp', 1],
  ['event.created', 2],
  ['event.id', 3],
  ['event.original', 4],
  ['message', 5],
  ['log.source.address', 14],
]);

/**
 * Values of the named fields, ECS names or names of attributes: at most 64, each once.
 * @throws CodecError when the frame is not in order
 */
export function frameFieldValues(frame: Uint8Array, names: readonly string[], bytesMax = decodedBytesMax): FieldValues {
  return plainFieldValues(unpackFrame(frame, bytesMax), names, bytesMax);
}

/** The same, of a plain frame. @throws CodecError */
export function plainFieldValues(plain: Uint8Array, names: readonly string[], bytesMax = decodedBytesMax): FieldValues {
  if (names.length > wantedFieldsMax) throw new RangeError(`at most ${wantedFieldsMax} fields can be read at once`);
  const numbers = Uint32Array.from(names, (name) => ownNumbers.get(name) ?? (ecsFieldNumber(name) || attrsNumber));
  const answer = loadAddon<FrameFieldsAddon>().frameFields(plain, bytesMax, numbers, names);
  if (typeof answer === 'string') throw new CodecError('CORRUPT', answer);
  return answer;
}
