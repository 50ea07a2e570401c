/** Steps → operations. Every jump goes forward: a step that does not apply goes on behind itself. */
import { destRows, setRows } from './compile-values.js';
import { ecsField } from './ecs.js';
import { captureKinds, parsePattern } from './match-pattern.js';
import type { Condition, PackFile, SetMap, Step, Switch, Take, Test } from './pack-file.js';
import { none, type PlanWriter } from './plan-writer.js';
import type { Report } from './problem-lines.js';
import type { Path } from './reader.js';
import type { Variables } from './variables.js';

/** As Op of native/src/packs/plan_rows.h. */
export const Op = {
  end: 0,
  refuse: 1,
  jump: 2,
  match: 3,
  take: 4,
  map: 5,
  set: 6,
  test: 7,
  testNot: 8,
  switch: 9,
  pack: 10,
  time: 11,
  join: 12,
  json: 13,
} as const;
const testKinds = {
  present: 0,
  equals: 1,
  starts: 2,
  ends: 3,
  contains: 4,
  less: 5,
  more: 6,
  ip: 7,
  network: 8,
} as const;
const targetColumn = 5;
/** As kTimeTells of native/src/packs/plan_rows.h. */
const timeTells = 2 ** 31;

/** What an operation is, for people. */
export interface Code {
  readonly op: number;
  readonly path: Path;
  readonly text: string;
}

/** Operations whose jump is not known yet. */
class Label {
  readonly from: number[] = [];
}

export class StepCompiler {
  readonly code: Code[] = [];
  /** What every event of the pack has, as long as the way through the steps has not written it. */
  #unwritten: SetMap | undefined;

  constructor(
    readonly plan: PlanWriter,
    readonly variables: Variables,
    readonly packIndex: (name: string) => number | undefined,
    readonly report: Report,
    readonly refusal: (block: string, params: readonly string[]) => string,
  ) {}

  program(pack: PackFile): void {
    const last = pack.steps.map((step) => step.required).lastIndexOf(true);
    const firstWriter = pack.steps.findIndex((step) => writes(step));
    if (last > firstWriter && firstWriter >= 0 && last !== firstWriter)
      this.report(
        pack.steps[last]?.path ?? [],
        'a required step stands before those that map or set: what a refused pack wrote is not undone',
      );
    for (const [i, step] of pack.steps.slice(0, last + 1).entries()) {
      // The last may write, once it refuses no more.
      if (i === last) this.#unwritten = pack.set;
      this.#step(step, undefined);
    }
    if (last < 0) this.#set(pack.set, ['set']);
    for (const step of pack.steps.slice(last + 1)) this.#optional(step);
    this.#op(Op.end, [], ['steps'], 'understood');
  }

  #op(op: number, args: readonly number[], path: Path, text: string): number {
    const row = [op, 0, 0, 0, 0, 0];
    args.forEach((value, i) => {
      row[i + 1] = value;
    });
    const place = this.plan.add('ops', row);
    this.code.push({ op: place, path, text });
    return place;
  }

  #jumping(label: Label, op: number, args: readonly number[], path: Path, text: string): void {
    label.from.push(this.#op(op, args, path, text));
  }

  /** From here on goes what jumped to the label. */
  #here(label: Label): void {
    for (const op of label.from) this.plan.set('ops', op, targetColumn, this.plan.size('ops'));
  }

  #optional(step: Step): void {
    const skip = new Label();
    this.#step(step, skip);
    this.#here(skip);
  }

  /** Does not apply: to `skip`, or (required) the pack is refused. `alternative`: then another step may fit. */
  #step(step: Step, skip: Label | undefined, alternative = false): void {
    const refused = new Label();
    const away = step.required ? refused : (skip ?? new Label());
    if (step.when) this.#condition(step.when, away, false, [...step.path, 'when']);
    if (step.take) this.#take(step, step.take, away, alternative || step.required);
    const unwritten = this.#unwritten;
    // It comes when nothing refuses any more, and before what a step sets otherwise.
    if (unwritten && (!step.firstOf || step.map || step.set || step.switch)) {
      this.#set(unwritten, ['set']);
      this.#unwritten = undefined;
    }
    if (step.map) this.#map(step.map, step.under, [...step.path, 'map']);
    if (step.set) this.#set(step.set, step.path.at(-1) === 'set' ? step.path : [...step.path, 'set']);
    if (step.switch) this.#switch(step.switch, [...step.path, 'switch']);
    if (step.firstOf) this.#firstOf(step.firstOf, away);
    for (const below of step.below ?? []) this.#optional(below);
    if (step.required) {
      const done = new Label();
      this.#jumping(done, Op.jump, [], step.path, 'applied');
      this.#here(refused);
      this.#op(Op.refuse, [], step.path, 'required, and does not apply');
      this.#here(done);
    } else if (skip === undefined) {
      this.#here(away);
    }
  }

  #firstOf(steps: readonly Step[], away: Label): void {
    const done = new Label();
    const unwritten = this.#unwritten;
    for (const [i, step] of steps.entries()) {
      const next = i === steps.length - 1 ? away : new Label();
      this.#unwritten = unwritten;
      this.#step(step, next, true);
      if (i < steps.length - 1) {
        this.#jumping(done, Op.jump, [], step.path, 'applied');
        this.#here(next);
      }
    }
    this.#here(done);
  }

  #take(step: Step, take: Take, away: Label, alternative: boolean): void {
    const input = step.from === undefined ? none : this.#read(step.from, [...step.path, 'from']);
    const place = [...step.path, take.kind === 'block' ? take.block : take.kind];
    if (take.kind === 'match') {
      this.#match(take.patterns, input, place, away);
    } else if (take.kind === 'pack') {
      const pack = this.packIndex(take.pack);
      if (pack === undefined) this.report(place, 'there is no pack of that name', take.pack);
      else this.#jumping(away, Op.pack, [pack, input], place, `pack ${take.pack}`);
    } else if (take.kind === 'json') {
      this.#jumping(away, Op.json, [0, input], place, 'json');
    } else if (take.kind === 'time') {
      this.#time(take, place, away, !alternative);
    } else {
      for (const name of take.names) this.variables.declare(name);
      const shown = take.block === 'user_agent' ? [] : take.pattern === undefined ? take.params : [take.pattern];
      const block = this.#block(take.block, take.params, place, take.pattern);
      const own = take.pattern !== undefined || take.block === 'csv' ? 1 : 0;
      this.#jumping(away, Op.take, [block, input, own], place, [take.block, ...shown].join(' '));
    }
  }

  /** `written`: what stands there, if it is more than options. */
  #block(kind: string, params: readonly string[], path: Path, written?: string): number {
    const why = this.refusal(kind, params);
    if (why !== '') this.report(path, why, written);
    return this.plan.block(kind, params);
  }

  /** `tells`: a text that fits no format is a deviation. */
  #time({ from, formats, nearest, to }: Take & { kind: 'time' }, path: Path, away: Label, tells: boolean): void {
    if (to !== '@timestamp' && ecsField(to)?.shape !== 'date') this.report(path, 'a time goes to a field of dates', to);
    const block = this.#block(
      'time',
      [nearest ? 'nearest' : 'first', ...formats],
      [...path, 'formats'],
      formats.join(' | '),
    );
    const [first, count] = this.plan.addAll(
      'lists',
      from.map((name) => [this.#read(name, [...path, 'from'])]),
    );
    const [dest] = this.plan.addAll('dests', this.variables.dests(to));
    this.#jumping(
      away,
      Op.time,
      [block, first, count + (tells ? timeTells : 0), dest],
      path,
      `time ${formats.join(' | ')}`,
    );
  }

  #match(patterns: readonly string[], input: number, path: Path, away: Label): void {
    const done = new Label();
    for (const [i, pattern] of patterns.entries()) {
      const next = i === patterns.length - 1 ? away : new Label();
      this.#jumping(next, Op.match, [this.#pattern(pattern, path), input], path, `match ${pattern}`);
      if (next === away) break;
      this.#jumping(done, Op.jump, [], path, 'applied');
      this.#here(next);
    }
    this.#here(done);
  }

  #pattern(pattern: string, path: Path): number {
    const { parts, open, problem } = parsePattern(pattern);
    if (problem !== '') {
      this.report(path, problem, pattern);
      return 0;
    }
    const rows = parts.map((part) =>
      'literal' in part
        ? [0, this.plan.string(part.literal), none]
        : [captureKinds[part.kind], 0, part.name === '' ? none : this.variables.write(part.name)],
    );
    return this.plan.add('patterns', [...this.plan.addAll('parts', rows), open < 0 ? none : open]);
  }

  #map(map: NonNullable<Step['map']>, under: readonly string[] = [''], path: Path): void {
    const [first = '', ...others] = under;
    const places = new Set<number>();
    const rows = Object.entries(map).map(([name, dests]) => {
      const at = [...path, name];
      const rows = destRows(this.plan, this.variables, dests, at, this.report);
      const place = this.#readInput(first + name, at);
      if (places.has(place)) this.report(at, 'one name is one variable: this one is another already', first + name);
      places.add(place);
      for (const other of others)
        if (!this.variables.alias(other + name, place))
          this.report(at, 'one name is one variable: this one is another already', other + name);
      return [place, ...this.plan.addAll('dests', rows)];
    });
    if (rows.length > 0) this.#op(Op.map, this.plan.addAll('maps', rows), path, `map ${Object.keys(map).join(', ')}`);
  }

  #set(set: SetMap, path: Path): void {
    const { constants, joins } = setRows(this.plan, this.variables, set, path, this.report);
    const names = Object.keys(set).join(', ');
    if (constants.length > 0) this.#op(Op.set, this.plan.addAll('consts', constants), path, `set ${names}`);
    for (const args of joins) this.#op(Op.join, args, path, `set ${names}`);
  }

  #switch({ on, ignoreCase, cases, otherwise }: Switch, path: Path): void {
    const done = new Label();
    const entries: [string, number][] = [];
    const table = this.plan.add('tables', [0, 0]);
    const choose = this.#op(
      Op.switch,
      [table, this.#read(on, [...path, 'on']), ignoreCase ? 1 : 0],
      path,
      `switch on ${on}`,
    );
    this.plan.set('ops', choose, targetColumn, this.plan.size('ops'));
    for (const step of otherwise) this.#optional(step);
    for (const { values, steps } of cases) {
      this.#jumping(done, Op.jump, [], path, 'applied');
      for (const value of values) {
        if (entries.some(([known]) => known === value)) this.report(path, 'a value has one case', value);
        entries.push([value, this.plan.size('ops')]);
      }
      for (const step of steps) this.#optional(step);
    }
    this.#here(done);
    const [first, count] = this.plan.addAll(
      'entries',
      entries.map(([text, place]) => [this.plan.string(text), place]),
    );
    this.plan.set('tables', table, 0, first);
    this.plan.set('tables', table, 1, count);
  }

  /** Jumps to `away` when the condition is `jumpIf`, else goes on. */
  #condition(condition: Condition, away: Label, jumpIf: boolean, path: Path): void {
    if (condition.kind === 'not') {
      this.#condition(condition.condition, away, !jumpIf, path);
      return;
    }
    if (condition.kind === 'test') {
      const op = jumpIf ? Op.testNot : Op.test;
      // What holds where the step goes on, so that explain says of a condition just what is the case.
      const text = `when ${jumpIf ? 'not: ' : ''}${condition.variable} ${testText(condition.test)}`;
      this.#jumping(away, op, [this.#test(condition.variable, condition.test, path)], path, text);
      return;
    }
    // "any" that jumps if it holds, and "all" that jumps if it does not: each member may jump by itself.
    const each = (condition.kind === 'any') === jumpIf;
    const past = new Label();
    const { conditions } = condition;
    for (const [i, one] of conditions.entries()) {
      if (each) this.#condition(one, away, jumpIf, path);
      else if (i < conditions.length - 1) this.#condition(one, past, !jumpIf, path);
      else this.#condition(one, away, jumpIf, path);
    }
    this.#here(past);
  }

  #test(variable: string, test: Test, path: Path): number {
    const kind = testKinds[test.kind];
    const place = this.#read(variable, path);
    const ignoreCase = 'ignoreCase' in test && test.ignoreCase ? 1 : 0;
    if ('values' in test) {
      const table = this.plan.table(test.values.map((value) => [value, 1]));
      return this.plan.add('tests', [kind, place, table, ignoreCase]);
    }
    return this.plan.add('tests', [kind, place, 'value' in test ? this.plan.string(test.value) : 0, ignoreCase]);
  }

  #read(name: string, path: Path): number {
    if (this.variables.isOnlyField(name))
      this.report(path, 'is a field that map or set wrote, not a variable: read what was mapped to it', name);
    return this.#readInput(name, path);
  }

  /** Of `map`: a name of the input, even where it is a field's as well. */
  #readInput(name: string, path: Path): number {
    if (name.startsWith('_') && !this.variables.written(name))
      this.report(path, 'no step before gives it a value', name);
    return this.variables.read(name);
  }
}

function writes(step: Step): boolean {
  return Boolean(step.map || step.set || step.switch || step.firstOf?.some(writes) || step.below?.some(writes));
}

function testText(test: Test): string {
  if ('values' in test) return `is ${test.kind === 'network' ? 'in ' : ''}${test.values.join(' or ')}`;
  return 'value' in test ? `${test.kind} ${test.value}` : `is ${test.kind}`;
}
