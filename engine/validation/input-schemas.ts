/** The schemas that listeners validate what they receive against: read, checked and compiled. */
import type { ListenerPlan } from '../../native/pipeline.js';
import { Validator } from '../../native/validation.js';
import type { ListenerSpec } from '../contracts.js';
import { ConfigError, type ConfigProblem } from '../errors.js';
import { readSchema } from './read-schema.js';
import type { SchemaProblem } from './schema-json.js';

export class InputSchemas {
  private constructor(readonly byPath: ReadonlyMap<string, Uint8Array>) {}

  /** `before`: those in use, of which listeners that are being closed may still have events. @throws ConfigError with every mistake of every file */
  static load(listeners: readonly ListenerSpec[], before?: InputSchemas): InputSchemas {
    const byPath = new Map(before?.byPath ?? []);
    const problems: ConfigProblem[] = [];
    const paths = new Set(listeners.flatMap(({ options }) => (options.schema ? [String(options.schema)] : [])));
    for (const path of paths) {
      const read = readSchema(path);
      for (const problem of read.problems) problems.push(configProblem(path, problem));
      if (read.problems.length > 0) continue;
      new Validator(read.plan); // what native code refuses is refused here, not in a worker
      byPath.set(path, read.plan);
    }
    if (problems.length > 0) throw new ConfigError(problems);
    return new InputSchemas(byPath);
  }

  same({ byPath }: InputSchemas): boolean {
    const equal = (a: Uint8Array, b: Uint8Array | undefined) => b !== undefined && Buffer.compare(a, b) === 0;
    return byPath.size === this.byPath.size && [...this.byPath].every(([path, plan]) => equal(plan, byPath.get(path)));
  }

  /** Listeners with a schema get it. */
  pin(listeners: readonly ListenerPlan[]): ListenerPlan[] {
    return listeners.map((listener) => {
      const schema = this.byPath.get(listener.schemaPath ?? '');
      return schema ? { ...listener, schema } : listener;
    });
  }
}

function configProblem(path: string, { pointer, message }: SchemaProblem): ConfigProblem {
  const allowed = `a schema that can be checked: ${pointer === '' ? 'it' : pointer} ${message}`;
  return { flag: 'schema', value: path, allowed, origin: 'option of a listener' };
}
