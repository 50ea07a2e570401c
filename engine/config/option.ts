/**
 * One definition per option: flags, YAML keys, URL parameters, validation, --help and the reference page come from it.
 */
export interface OptionSpec {
  /** Flag 'PENSTOCK_BATCH_BYTES' (also the YAML key), or a URL parameter in lower case. */
  readonly name: string;
  readonly type: 'integer' | 'number' | 'boolean' | 'string' | 'enum' | 'bytes' | 'duration_ms' | 'list';
  readonly default: string | number | boolean | null;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  /** One sentence: what it does and when to change it. */
  readonly text: string;
  readonly example?: string;
  /** Taken over by a reload; a change of any other flag needs a restart. Of a listener's URL: without opening it anew. */
  readonly live?: boolean;
  /** Never shown in logs, metrics, `penstock config`. */
  readonly secret?: boolean;
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionSpec[];
}
