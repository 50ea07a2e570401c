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
];
