/** Reproducible randomness for inputs: the same seed gives the same bytes on every machine. */
export interface Random {
  /** 0 ≤ n < limit. */
  below(limit: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** mulberry32: small, fast and good enough for test input. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return { below, pick: (choices) => choices[below(choices.length)] as (typeof choices)[number] };
}

export function ipv4(random: Random): string {
  return `10.${random.below(4)}.${random.below(256)}.${1 + random.below(254)}`;
}

export function port(random: Random): number {
  return 1024 + random.below(64_000);
}
