/** JSON Schema (draft 2020-12, 2019-09, 07) as a plan that native code runs on each event of a listener. */
import { Pattern } from '../../native/patterns.js';
import { noNode, propertiesMax, propertyFlags } from '../../native/validation.js';
import { addConstant, addEnum } from './constants.js';
import { annotations, type KeywordContext, keywords, unsupported } from './keywords.js';
import { endlessNodes } from './loops.js';
import { toLinearPattern } from './pattern.js';
import { PlanWriter } from './plan-writer.js';
import { References } from './references.js';
import { escapePointer, isObject, type Json, type JsonObject, type SchemaProblem } from './schema-json.js';

/** Everything that cannot be checked is a problem; with one, the plan is worth nothing. */
export function compileSchema(root: Json): { readonly plan: Uint8Array; readonly problems: readonly SchemaProblem[] } {
  const compiler = new SchemaCompiler(root);
  compiler.compile(root, '');
  for (const pointer of endlessNodes(compiler.applied, compiler.pointers))
    compiler.problem(pointer, 'applies itself to the same value without end');
  return { plan: compiler.plan.bytes(), problems: compiler.problems };
}

class SchemaCompiler implements KeywordContext {
  readonly plan = new PlanWriter();
  readonly problems: SchemaProblem[] = [];
  /** Of a node, those that it applies to the same value. */
  readonly applied = new Map<number, number[]>();
  readonly pointers = new Map<number, string>();
  readonly #nodes = new Map<JsonObject, number>();
  readonly #references: References;
  readonly #draft7: boolean;

  constructor(root: Json) {
    this.#references = new References(root);
    this.#draft7 = isObject(root) && /draft-0[67]/.test(String(root.$schema ?? ''));
  }

  problem(pointer: string, message: string): void {
    this.problems.push({ pointer, message });
  }

  apply(node: number, to: number): number {
    this.applied.set(node, [...(this.applied.get(node) ?? []), to]);
    return to;
  }

  compile(schema: Json | undefined, pointer: string): number {
    const known = isObject(schema) ? this.#nodes.get(schema) : undefined;
    if (known !== undefined) return known;
    const node = this.plan.node();
    this.pointers.set(node, pointer);
    if (schema === true) return node;
    if (schema === false) this.plan.check(node, 'never', 'must not be there');
    else if (isObject(schema)) {
      this.#nodes.set(schema, node);
      this.#addKeywords(node, schema, pointer);
    } else this.problem(pointer, 'a schema is an object, true or false');
    return node;
  }

  #addKeywords(node: number, schema: JsonObject, pointer: string): void {
    if (schema.$ref !== undefined) {
      this.#addReference(node, schema.$ref, `${pointer}/$ref`);
      if (this.#draft7) return; // what stands beside it has no meaning in this draft
    }
    for (const keyword of Object.keys(schema)) {
      const reason = unsupported[keyword];
      if (reason) this.problem(`${pointer}/${keyword}`, reason);
      else if (!(keyword in keywords) && !annotations.has(keyword) && !keyword.startsWith('x-'))
        this.problem(`${pointer}/${escapePointer(keyword)}`, 'is no keyword that is known');
    }
    if (schema.const !== undefined) addConstant(this.plan, node, schema.const);
    if (Array.isArray(schema.enum)) addEnum(this.plan, node, schema.enum as readonly Json[]);
    // In the table's order: what is cheap comes first.
    for (const [keyword, add] of Object.entries(keywords))
      if (schema[keyword] !== undefined) add(this, { node, schema, value: schema[keyword] as Json, pointer });
    this.#addProperties(node, schema, pointer);
  }

  #addReference(node: number, reference: Json, pointer: string): void {
    const found = typeof reference === 'string' ? this.#references.find(reference, pointer) : undefined;
    if (found) this.plan.check(node, 'all', '', [1, this.apply(node, this.compile(found.schema, found.pointer))]);
    else this.problem(pointer, `${JSON.stringify(reference)} names no schema within the file`);
  }

  #addProperties(node: number, schema: JsonObject, pointer: string): void {
    const { properties, patternProperties, additionalProperties, propertyNames, required } = schema;
    const all = [properties, patternProperties, additionalProperties, propertyNames, required];
    if (all.every((value) => value === undefined)) return;
    const declared = new Map<string, { node: number; flags: number }>();
    for (const [name, value] of Object.entries(isObject(properties) ? properties : {})) {
      const at = `${pointer}/properties/${escapePointer(name)}`;
      declared.set(name, { node: this.compile(value, at), flags: propertyFlags.declared });
    }
    for (const name of Array.isArray(required) ? (required as readonly Json[]) : []) {
      const property = declared.get(String(name)) ?? { node: noNode, flags: 0 };
      declared.set(String(name), { ...property, flags: property.flags | propertyFlags.required });
    }
    const patterns = Object.entries(isObject(patternProperties) ? patternProperties : {}).map(([source, value]) => {
      const at = `${pointer}/patternProperties/${escapePointer(source)}`;
      return { number: this.pattern(source, at), node: this.compile(value, at) };
    });
    const place = (value: Json | undefined, name: string) =>
      value === undefined ? noNode : this.compile(value, `${pointer}/${name}`);
    this.plan.properties(node, 'must have the property ', {
      others: place(additionalProperties, 'additionalProperties'),
      names: place(propertyNames, 'propertyNames'),
      properties: [...declared].map(([name, property]) => ({ name, ...property })),
      patterns,
    });
    for (const name of declared.keys())
      if (/\p{Surrogate}/u.test(name))
        this.problem(
          `${pointer}/properties`,
          `${JSON.stringify(name)} has half a surrogate pair, which no text can have`,
        );
    if (declared.size > propertiesMax)
      this.problem(`${pointer}/properties`, `at most ${propertiesMax} properties of one object`);
  }

  pattern(source: string, pointer: string): number {
    try {
      const linear = toLinearPattern(source);
      new Pattern(linear);
      return this.plan.pattern(linear);
    } catch (error) {
      this.problem(pointer, `the pattern ${source} cannot be used in linear time: ${(error as Error).message}`);
      return this.plan.pattern('');
    }
  }
}
