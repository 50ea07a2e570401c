import type { Sink, SinkSpec, SinkType } from '../../../engine/contracts.js';
import { options } from './options.js';

/** Takes everything and keeps nothing: for measuring what receiving, parsing and encoding cost. */
export const sink: SinkType = {
  name: 'null',
  schemes: ['null'],
  options,
  figures: { batches_total: 'Batches taken, and thrown away.' },
  needsJournal: ({ options: { journal } }) => journal === true,
  create: (spec: SinkSpec): Sink => {
    let batches = 0;
    return {
      spec,
      inFlightBytesMax: 64 * 2 ** 20,
      start: async () => {},
      deliver: async () => {
        batches++;
      },
      forget: () => {},
      health: () => ({ ready: true, detail: 'takes everything' }),
      figures: () => ({ batches_total: batches }),
      stop: async () => {},
    };
  },
};
