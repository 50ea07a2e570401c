/** `const` and `enum`. Arrays and objects become the schemas that they alone fit. */
import { jsonTypes, noNode, propertyFlags } from '../../native/validation.js';
import { doubleWords, type PlanWriter } from './plan-writer.js';
import { isObject, type Json } from './schema-json.js';

const shownMax = 120;

export function addConstant(plan: PlanWriter, node: number, value: Json): void {
  addEnum(plan, node, [value], `must be ${shown(value)}`);
}

export function addEnum(
  plan: PlanWriter,
  node: number,
  values: readonly Json[],
  says = `must be one of ${shown(values)}`,
): void {
  const scalars = values.filter(isScalar);
  const words = [scalars.length, ...scalars.flatMap((value) => scalarWords(plan, value))];
  if (scalars.length === values.length) {
    plan.check(node, 'oneOf', says, words);
    return;
  }
  const nodes = values.filter((value) => !isScalar(value)).map((value) => wholeNode(plan, value));
  if (scalars.length > 0) {
    const simple = plan.node();
    plan.check(simple, 'oneOf', '', words);
    nodes.push(simple);
  }
  plan.check(node, 'any', says, [nodes.length, ...nodes]);
}

type Scalar = null | boolean | number | string;

function isScalar(value: Json): value is Scalar {
  return typeof value !== 'object' || value === null;
}

function scalarWords(plan: PlanWriter, value: Scalar): [type: number, a: number, b: number] {
  if (value === null) return [jsonTypes.null, 0, 0];
  if (typeof value === 'boolean') return [value ? jsonTypes.true : jsonTypes.boolean, 0, 0];
  if (typeof value === 'number') return [jsonTypes.number, ...doubleWords(value)];
  return [jsonTypes.string, ...plan.text(value)];
}

/** A node that this array or object alone fits. */
function wholeNode(plan: PlanWriter, value: Json): number {
  const node = plan.node();
  const child = (member: Json) => {
    const within = plan.node();
    addConstant(plan, within, member);
    return within;
  };
  if (isObject(value)) {
    const members = Object.entries(value);
    plan.check(node, 'type', '', [jsonTypes.object]);
    plan.check(node, 'maxProperties', '', [members.length]);
    const flags = propertyFlags.required | propertyFlags.declared;
    plan.properties(node, '', {
      properties: members.map(([name, member]) => ({ name, node: child(member), flags })),
    });
  } else {
    const items = (value as readonly Json[]).map(child);
    plan.check(node, 'type', '', [jsonTypes.array]);
    plan.check(node, 'minItems', '', [items.length]);
    plan.check(node, 'maxItems', '', [items.length]);
    plan.check(node, 'items', '', [noNode, items.length, ...items]);
  }
  return node;
}

function shown(value: Json | readonly Json[]): string {
  const text = JSON.stringify(value);
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
