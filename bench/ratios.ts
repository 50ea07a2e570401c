/** What one more promise costs: the same load to two engines in turns, with it and without it. */
import { type EndToEnd, type Extent, Loaded, withEngine } from './e2e.js';
import { enrichmentFiles } from './inputs/enrichment.js';
import { alternate, type Figure, type Figures, median, single } from './lib/figures.js';

type Side = Pick<EndToEnd, 'scheme' | 'input' | 'deliver' | 'env'>;

interface Ratio {
  readonly key: string;
  readonly with: Side;
  readonly without: Side;
  /** Events a second offered to both; 0: as many as each takes. */
  readonly rate?: number;
  readonly reference: string;
  /** Further settings of `with`: what files in the folder it takes. */
  readonly files?: (folder: string) => NodeJS.ProcessEnv;
}

const syslog = { scheme: 'syslog+tcp', input: 'syslog' } as const;
const ndjson = { scheme: 'ndjson+tcp', input: 'ndjson' } as const;
const internet = { scheme: 'syslog+tcp', input: 'internet' } as const;
const fsync = { PENSTOCK_DURABILITY: 'fsync', PENSTOCK_FSYNC_INTERVAL_MS: '10' };
const fixedRate = 200_000;

export const ratios: readonly Ratio[] = [
  {
    key: 'recognition_ratio',
    with: { ...syslog, deliver: 'null' },
    without: { ...syslog, deliver: 'null', env: { PENSTOCK_FORMATS: 'off' } },
    reference: 'no format packs; no pack understands the input',
  },
  {
    key: 'enrichment_ratio',
    with: { ...internet, deliver: 'null' },
    without: { ...internet, deliver: 'null' },
    files: enrichmentFiles,
    reference: 'no GeoIP, ASN and indicators; sshd and UFW, one of 20,000 addresses an event',
  },
  {
    key: 'journal_flush_ratio',
    with: { ...syslog, deliver: 'journal' },
    without: { ...syslog, deliver: 'null' },
    reference: 'journal off',
  },
  {
    key: 'journal_fsync_ratio',
    with: { ...syslog, deliver: 'journal', env: fsync },
    without: { ...syslog, deliver: 'journal' },
    reference: 'flush',
  },
  ...[syslog, ndjson].map(
    (side): Ratio => ({
      key: `${side.input}_kafka_ratio_200k`,
      with: { ...side, deliver: 'kafka' },
      without: { ...side, deliver: 'null' },
      rate: fixedRate,
      reference: `null at ${fixedRate}/s too`,
    }),
  ),
];

/** Median of the pairs' events per CPU-second with over without. */
export async function benchRatio(ratio: Ratio, extent: Extent): Promise<Figures> {
  const enabled = { ...ratio.with, env: { ...ratio.with.env, ...ratio.files?.(extent.folder) } };
  return withEngine(enabled, (engine) =>
    withEngine(ratio.without, async (other) => {
      const value = new Loaded(ratio.with, engine, extent, ratio.rate);
      const reference = new Loaded(ratio.without, other, extent, ratio.rate);
      for (const side of [value, reference]) await side.warmUp();
      const pairs = await alternate(
        extent.pairs,
        () => value.measure(),
        () => reference.measure(),
      );
      const quotients = pairs.map((pair) => pair.value / pair.reference);
      const middle = median(quotients);
      const figure: Figure = {
        ...single(middle, 'ratio', {
          events_per_cpu_second: Math.round(median(pairs.map((pair) => pair.value))),
          reference_events_per_cpu_second: Math.round(median(pairs.map((pair) => pair.reference))),
        }),
        pairs,
        spread: (Math.max(...quotients) - Math.min(...quotients)) / 2 / middle,
        reference: ratio.reference,
      };
      return { [ratio.key]: figure };
    }),
  );
}
