// The ECS names as a tree, in the order of a nested JSON object: what the Avro form, the JSON Schema and their C++ tables are made of.

/**
 * A record of the tree: `path` (dotted; '' the root) and its members in order. A member is a field (`field`) or a record (`record`).
 * A field that has others nested under it (dns.answers) is the first member of their record, under the name `json`.
 */
export function fieldTree(fields) {
  const root = { path: '', members: [] };
  const records = new Map([['', root]]);
  const parents = new Set(fields.flatMap(({ name }) => ancestors(name)));
  for (const field of fields) {
    if (parents.has(field.name)) {
      recordAt(records, field.name).members.unshift({ name: 'json', field });
      continue;
    }
    const parts = field.name.split('.');
    recordAt(records, parts.slice(0, -1).join('.')).members.push({ name: memberName(parts.at(-1)), field });
  }
  for (const { path, members } of records.values()) {
    if (new Set(members.map(({ name }) => name)).size !== members.length)
      throw new Error(`${path}: a name comes twice`);
  }
  return root;
}

/** Every record of the tree, a record before those nested in it, with its parent and its place there. */
export function listRecords(root) {
  const list = [];
  const visit = (record, parent, slot) => {
    const index = list.push({ record, parent, slot }) - 1;
    record.members.forEach((member, i) => {
      if (member.record) visit(member.record, index, i);
    });
  };
  visit(root, 0, 0);
  return list;
}

/** `@timestamp` is no name in Avro. */
const memberName = (part) => part.replace(/^@/, '').replaceAll('-', '_');

function recordAt(records, path) {
  const known = records.get(path);
  if (known) return known;
  const parts = path.split('.');
  const record = { path, members: [] };
  recordAt(records, parts.slice(0, -1).join('.')).members.push({ name: memberName(parts.at(-1)), record });
  records.set(path, record);
  return record;
}

function ancestors(name) {
  const parts = name.split('.');
  return parts.slice(1).map((_part, i) => parts.slice(0, i + 1).join('.'));
}
