/** Options that every listener has, whatever its source. */
import type { OptionSpec } from './option.js';

export const listenerOptions: readonly OptionSpec[] = [
  {
    name: 'format',
    type: 'string',
    default: null,
    text: 'The only format pack that is tried on its events (docs/formats.md), however they begin. none: no pack. Without it: whichever recognises them.',
    example: 'fortigate',
  },
  {
    name: 'schema',
    type: 'string',
    default: null,
    text: 'Path of a JSON Schema (.json) or an Avro schema (.avsc) that its events have to fit; what does not goes to the dead letters with the reason `schema` (docs/schemas.md).',
    example: '/etc/penstock/login.schema.json',
  },
];
