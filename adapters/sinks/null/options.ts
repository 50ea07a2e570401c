import type { OptionSpec } from '../../../engine/config/option.js';

/** Parameters of the null URL, e.g. `null:?journal=true`. */
export const options: readonly OptionSpec[] = [
  {
    name: 'journal',
    type: 'boolean',
    default: false,
    text: 'Write events to the journal and read them back, as for a sink that keeps them: what durability costs.',
  },
];
