/** The options of one listener or sink: the query parameters of its URL, checked against its type's table. */
import type { OptionSpec } from './option.js';
import { type OptionValue, parseValue } from './parse-value.js';
import { didYouMean } from './suggest.js';
import { queryParameters } from './url-list.js';

export interface AdapterOptions {
  readonly values: Readonly<Record<string, OptionValue>>;
  /** The query as it may be shown: secrets masked, '' when empty. */
  readonly shown: string;
  /** Each completes "must be", or begins with "there is". */
  readonly problems: readonly string[];
}

/** `query` without its '?'. Options left out have their default, or are missing where it is null. */
export function readAdapterOptions(specs: readonly OptionSpec[], query: string): AdapterOptions {
  const values: Record<string, OptionValue> = {};
  for (const spec of specs) if (spec.default !== null) values[spec.name] = spec.default;
  const problems: string[] = [];
  const shown: string[] = [];
  const seen = new Set<string>();
  for (const [name, text] of queryParameters(query)) {
    const spec = specs.find((candidate) => candidate.name === name);
    if (!spec) {
      const known = specs.map((candidate) => candidate.name);
      problems.push(`there is no option ${name}${didYouMean(name, known)}`);
      shown.push(`${name}=***`);
      continue;
    }
    shown.push(`${name}=${spec.secret ? '***' : text}`);
    if (seen.has(name)) problems.push(`one with ${name} once`);
    seen.add(name);
    const parsed = parseValue(spec, text);
    // Where a variable was to stand that is empty, a token or an authority of clients would be asked of nobody.
    if (text === '') problems.push(`one whose ${name} has a value, or one without ${name}`);
    else if ('value' in parsed) values[name] = parsed.value;
    else problems.push(`one whose ${name}=${spec.secret ? '***' : text} is ${parsed.allowed}`);
  }
  return { values, shown: shown.length === 0 ? '' : `?${shown.join('&')}`, problems };
}
