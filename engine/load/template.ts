/**
 * Lays rendered messages out for the native generator: framed, with the places to be stamped.
 */
import type { LoadTemplate } from '../../native/load-generator.js';
import { sequenceMark, timestampMark } from './messages.js';

export type WireFraming = 'lf' | 'octet' | 'none';

const nowhere = 0xffffffff;

/** Messages that hold no mark (from a file) are sent as they are. */
export function buildTemplate(messages: readonly (string | Buffer)[], framing: WireFraming): LoadTemplate {
  if (messages.length === 0) throw new RangeError('no messages to send');
  const parts: Buffer[] = [];
  const starts = new Uint32Array(messages.length + 1);
  const timestamps = new Uint32Array(messages.length).fill(nowhere);
  const sequences = new Uint32Array(messages.length).fill(nowhere);
  let at = 0;
  messages.forEach((message, i) => {
    const part = frame(typeof message === 'string' ? Buffer.from(message) : message, framing);
    const timestamp = part.indexOf(timestampMark);
    const sequence = part.indexOf(sequenceMark);
    if (timestamp >= 0) timestamps[i] = at + timestamp;
    if (sequence >= 0) sequences[i] = at + sequence;
    starts[i] = at;
    parts.push(part);
    at += part.length;
  });
  starts[messages.length] = at;
  return { bytes: Buffer.concat(parts), starts, timestamps, sequences };
}

function frame(message: Buffer, framing: WireFraming): Buffer {
  if (framing === 'none') return message;
  if (framing === 'lf') return Buffer.concat([message, Buffer.from('\n')]);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
