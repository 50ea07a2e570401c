/** A pack as its author writes it (pack.yaml). docs/formats.md is the manual. */

export interface PackFile {
  readonly name: string;
  readonly title: string;
  /** Specific packs are tried before generic ones. */
  readonly rank: 'specific' | 'generic';
  readonly recognise: readonly Recognise[];
  /** Put before the names that ECS does not know. */
  readonly namespace: string;
  /** Values that stand for none. */
  readonly empty: readonly string[];
  /** How names begin that neither ECS nor a map knows, and what stands there instead: the first that fits. */
  readonly rest: readonly (readonly [from: string, to: string])[];
  readonly set: SetMap;
  readonly steps: readonly Step[];
  /** The object's array whose elements are events of their own. */
  readonly split?: Split;
  /**
   * One event for each element of the object's array: the object without the other elements. Keys that lead to the array; a list of
   * them for each array that is gone through on the way.
   */
  readonly unwind?: readonly (readonly string[])[];
  /** The message it makes is recognised anew, as if it had come by itself. */
  readonly envelope?: boolean;
}

export interface Split {
  /** Keys that lead to it. */
  readonly array: readonly string[];
  /** The only pack that elements may be; else any. */
  readonly pack?: string;
}

/** All that is named must hold; of a list one. */
export interface Recognise {
  /** Programs of syslog; 'postfix/' stands for all that begin so. */
  readonly app?: readonly string[];
  readonly starts?: readonly string[];
  /** Texts that begin so are this format's, whatever words of others stand in them. */
  readonly owns?: boolean;
  readonly contains?: readonly string[];
  /** All of them. */
  readonly contains_all?: readonly string[];
  readonly first?: FirstByte;
  /** Names that a JSON object has, with their values: '*' for any, 'x*' for all that begin so. */
  readonly json?: Readonly<Record<string, readonly string[]>>;
  /** The whole line, where no priority marks it as syslog's: as files have it. */
  readonly line?: boolean;
}

export const firstBytes = {
  digit: (byte: number) => byte >= 48 && byte <= 57,
  /** An IP address: hexadecimal digits and ':'. */
  address: (byte: number) => (byte >= 48 && byte <= 58) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70),
  letter: (byte: number) => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122),
  any: (_byte: number) => true,
} as const;
export type FirstByte = keyof typeof firstBytes;

export type Scalar = string | number | boolean;
/** null: the field is taken out. */
export type SetMap = Readonly<Record<string, Scalar | null | readonly Scalar[]>>;

export interface Step {
  /** Where it stands in the file. */
  readonly path: readonly (string | number)[];
  readonly when?: Condition;
  /** The variable to take apart; else the text. */
  readonly from?: string;
  readonly take?: Take;
  readonly required: boolean;
  readonly map?: Readonly<Record<string, readonly Dest[]>>;
  /** What may stand before the names of `map`; the first counts where nothing maps what is found. */
  readonly under?: readonly string[];
  readonly set?: SetMap;
  readonly switch?: Switch;
  readonly firstOf?: readonly Step[];
  /** `then`: run when the step applies. */
  readonly below?: readonly Step[];
}

export type Take =
  | { readonly kind: 'match'; readonly patterns: readonly string[] }
  | {
      readonly kind: 'block';
      readonly block: string;
      readonly params: readonly string[];
      readonly names: readonly string[];
      /** As the author wrote it, of dissect, regex and grok. */
      readonly pattern?: string;
    }
  | { readonly kind: 'json' }
  | { readonly kind: 'pack'; readonly pack: string }
  | {
      readonly kind: 'time';
      /** Joined with a blank between. */
      readonly from: readonly string[];
      readonly formats: readonly string[];
      /** Of the formats that fit the one nearest to when the event was received counts, not the first. */
      readonly nearest: boolean;
      readonly to: string;
    };

export interface Dest {
  /** An ECS field, '@timestamp', a variable ('_x') or a name of one's own. */
  readonly to: string;
  /** Only when the one before does not fit. */
  readonly otherwise: boolean;
  readonly convert?: 'lower' | 'upper' | 'mac' | 'hex' | 'scale' | 'split' | 'base64' | 'hex_text' | 'percent';
  readonly param?: string;
}

export interface Switch {
  readonly on: string;
  readonly ignoreCase: boolean;
  readonly cases: readonly { readonly values: readonly string[]; readonly steps: readonly Step[] }[];
  readonly otherwise: readonly Step[];
}

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'test'; readonly variable: string; readonly test: Test };

export type Test =
  | { readonly kind: 'present' | 'ip' }
  | { readonly kind: 'equals'; readonly values: readonly string[]; readonly ignoreCase: boolean }
  | { readonly kind: 'network'; readonly values: readonly string[] }
  | {
      readonly kind: 'starts' | 'ends' | 'contains' | 'less' | 'more';
      readonly value: string;
      readonly ignoreCase: boolean;
    };

/** Steps that several packs share: steps.yaml of a folder beside theirs. */
export interface SharedSteps {
  readonly file: string;
  readonly text: string;
}

/** One mistake in a pack. */
export interface PackProblem {
  readonly file: string;
  readonly line: number;
  /** 'steps[2].map.srcip' */
  readonly path: string;
  readonly value: string;
  /** What it has to be. */
  readonly allowed: string;
}

export function problemText({ file, line, path, value, allowed }: PackProblem): string {
  const shown = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return `${file}:${line}: ${path}${shown === '' ? '' : ` is ${shown}`}: ${allowed}`;
}
