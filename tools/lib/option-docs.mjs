// How reference pages show an option.
const typeNames = {
  integer: 'Whole number',
  number: 'Number',
  boolean: 'true or false',
  string: 'Text',
  enum: 'One of a few',
  bytes: 'Size',
  duration_ms: 'Time',
  list: 'List',
};

/** Type, default, bounds and example in one sentence. `values`: engine/config/parse-value.ts. */
export function factsOf(option, values) {
  const facts = [`default ${defaultOf(option, values)}`];
  if (option.values) facts.push(option.values.map((value) => `\`${value}\``).join(', '));
  const bounds = values.formatBounds(option);
  if (bounds !== '') facts.push(bounds);
  if (option.example) facts.push(`e.g. \`${option.example}\``);
  if (option.live) facts.push('taken over by a reload');
  if (option.secret) facts.push('never shown');
  return `${typeNames[option.type]}; ${facts.join('; ')}.`;
}

export function defaultOf(option, values) {
  const text = values.formatValue(option, option.default);
  if (text === '') return 'none';
  return option.type === 'list'
    ? text
        .split(',')
        .map((item) => `\`${item}\``)
        .join(', ')
    : `\`${text}\``;
}
