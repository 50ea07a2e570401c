/** Options that every listener has, whatever its source. */
import type { OptionSpec } from './option.js';

export const listenerOptions: readonly OptionSpec[] = [
  {
    name: 'format',
    type: 'string',
    default: null,
    text: 'Try only this format pack, whatever the events look like (docs/formats.md). none: no pack. Default: the pack that recognises an event.',
    example: 'fortigate',
  },
  {
    name: 'time_zone',
    type: 'string',
    default: null,
    text: 'Zone of timestamps that name none: UTC, an offset, or an IANA name. Default: PENSTOCK_TIME_ZONE.',
    example: 'Europe/Berlin',
  },
  {
    name: 'schema',
    type: 'string',
    default: null,
    text: 'Path of a JSON Schema (.json) or an Avro schema (.avsc) to validate events against. Events that do not fit become dead letters with the code `schema` (docs/schemas.md).',
    example: '/etc/penstock/login.schema.json',
  },
];
