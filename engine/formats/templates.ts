/**
 * Messages grouped by what they have in common: the words that change become `<*>`. After Drain (He et al., "Drain: An Online Log Parsing
 * Approach with Fixed Depth Tree", ICWS 2017), with a bound on everything that grows.
 */

export interface Template {
  /** Words with `<*>` where they differ. */
  readonly text: string;
  readonly count: number;
  /** The first few of its messages, cut. */
  readonly samples: readonly string[];
}

export interface TemplateLimits {
  /** Templates kept; then the one that was met longest ago goes, and is counted as forgotten. */
  readonly templates: number;
  readonly samples: number;
  /** Characters of a message that are looked at. */
  readonly chars: number;
}

export const templateLimits: TemplateLimits = { templates: 2000, samples: 3, chars: 2048 };
const wordsMax = 64;
const wildcard = '<*>';
/** Of all words, those that must be alike. */
const alikeLeast = 0.5;

interface Group {
  readonly key: string;
  readonly words: string[];
  readonly samples: string[];
  count: number;
}

export class Templates {
  /** In the order they were last met, the oldest first. */
  readonly #groups = new Set<Group>();
  readonly #byKey = new Map<string, Group[]>();
  #forgotten = 0;
  #seen = 0;

  constructor(readonly limits: TemplateLimits = templateLimits) {}

  get seen(): number {
    return this.#seen;
  }

  /** Messages of templates that are no longer kept. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** `times`: for so many messages alike. */
  add(message: string, times = 1): void {
    this.#seen += times;
    const text = message.slice(0, this.limits.chars);
    const words = wordsOf(text);
    // What changes least stands at the beginning: groups are looked for among those of as many words with the same first one.
    const key = `${words.length} ${words[0] ?? ''}`;
    const candidates = this.#byKey.get(key) ?? [];
    const group = closest(candidates, words) ?? this.#make(key, words);
    for (const [i, word] of words.entries()) if (group.words[i] !== word) group.words[i] = wildcard;
    group.count += times;
    if (group.samples.length < this.limits.samples && !group.samples.includes(text)) group.samples.push(text);
    this.#groups.delete(group);
    this.#groups.add(group);
  }

  /** Those met most first. */
  list(most = this.limits.templates): Template[] {
    return [...this.#groups]
      .sort((a, b) => b.count - a.count)
      .slice(0, most)
      .map(({ words, count, samples }) => ({ text: words.join(' '), count, samples: [...samples] }));
  }

  #make(key: string, words: readonly string[]): Group {
    if (this.#groups.size >= this.limits.templates) this.#forget();
    const group: Group = { key, words: [...words], samples: [], count: 0 };
    this.#groups.add(group);
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), group]);
    return group;
  }

  #forget(): void {
    const [oldest] = this.#groups;
    if (!oldest) return;
    this.#groups.delete(oldest);
    this.#forgotten += oldest.count;
    const left = (this.#byKey.get(oldest.key) ?? []).filter((group) => group !== oldest);
    if (left.length === 0) this.#byKey.delete(oldest.key);
    else this.#byKey.set(oldest.key, left);
  }
}

/** Words with numbers in them change from message to message. */
function wordsOf(text: string): string[] {
  const words = text.trim().split(/\s+/, wordsMax);
  return words.map((word) => (/\d/.test(word) ? masked(word) : word));
}

/** 'port=22,' → 'port=<*>', 'sshd[7]:' → 'sshd[<*>]:'; what is not name and value is masked whole. */
function masked(word: string): string {
  const pair = /^([A-Za-z_][\w.-]*[=:])./.exec(word);
  if (pair) return `${pair[1]}${wildcard}`;
  const process = /^([A-Za-z_][\w./-]*)\[\d+\](:?)$/.exec(word);
  return process ? `${process[1]}[${wildcard}]${process[2]}` : wildcard;
}

function closest(groups: readonly Group[], words: readonly string[]): Group | undefined {
  let best: Group | undefined;
  let most = alikeLeast * words.length;
  for (const group of groups) {
    let alike = 0;
    for (const [i, word] of words.entries()) if (group.words[i] === word) alike++;
    if (alike >= most && (best === undefined || alike > most)) {
      best = group;
      most = alike;
    }
  }
  return best;
}
