/** Regular expressions in linear time: connects the two addons, and a class to check and explain patterns with. */
import { AddonError, loadAddon } from './load.js';

interface CxxAddon {
  readonly Pattern: new () => NativePattern;
  setRegexAbi(address: bigint): boolean;
}
interface RustAddon {
  regexAbiAddress(): bigint;
}
interface NativePattern {
  compile(pattern: string): string;
  find(text: Uint8Array, anchored: boolean): Uint32Array | undefined;
}

let connected = false;

/**
 * Gives the C++ addon the regular expressions of the Rust addon. Call it in a thread before a plan with patterns is loaded
 * there; again does no harm.
 * @throws AddonError when the addons were built from different sources
 */
export function connectPatterns(): void {
  if (connected) return;
  const address = loadAddon<RustAddon>('penstock_codecs').regexAbiAddress();
  if (!loadAddon<CxxAddon>('penstock').setRegexAbi(address))
    throw new AddonError(
      'ADDON_NOT_LOADABLE',
      'the two native addons are of different versions',
      'run `npm run build`',
    );
  connected = true;
}

/** A pattern was refused: the message is the compiler's, for the pattern's author. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Byte offsets in the text; undefined for a group that took no part. */
export type Span = readonly [start: number, end: number] | undefined;

/** A compiled pattern, for checking and explaining; events are matched natively. */
export class Pattern {
  readonly #native: NativePattern;

  /** Syntax: https://docs.rs/regex/1/regex/#syntax @throws PatternError */
  constructor(source: string) {
    connectPatterns();
    this.#native = new (loadAddon<CxxAddon>('penstock').Pattern)();
    const error = this.#native.compile(source);
    if (error !== '') throw new PatternError(error);
  }

  /** Spans of the whole leftmost match and of each group, or undefined. `anchored`: only at the text's start. */
  find(text: Uint8Array, anchored = false): Span[] | undefined {
    const spans = this.#native.find(text, anchored);
    if (!spans) return undefined;
    return Array.from({ length: spans.length / 2 }, (_, group): Span => {
      const [start, end] = [spans[2 * group] as number, spans[2 * group + 1] as number];
      return start === 2 ** 32 - 1 ? undefined : [start, end];
    });
  }
}
