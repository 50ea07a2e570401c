/** Compiled writers' schemas by their text: senders send the same few, file after file. */
import type { AvroPlan } from '../../../../native/avro.js';
import { compileAvro } from './compile.js';
import { readAvroSchema } from './schema.js';

const plansMax = 128;
/** Texts of schemas, all together: what a stranger can make us keep. */
const textBytesMax = 8 * 1024 * 1024;

export class AvroPlans {
  readonly #plans = new Map<string, AvroPlan>();
  #textBytes = 0;

  /** @throws AvroSchemaError */
  of(schema: string): AvroPlan {
    const known = this.#plans.get(schema);
    const plan = known ?? compileAvro(readAvroSchema(schema));
    this.#forget(schema);
    this.#plans.set(schema, plan); // as the one used last
    this.#textBytes += schema.length;
    for (const [oldest] of this.#plans) {
      if (this.#plans.size <= plansMax && this.#textBytes <= textBytesMax) break;
      this.#forget(oldest);
    }
    return plan;
  }

  #forget(schema: string): void {
    if (this.#plans.delete(schema)) this.#textBytes -= schema.length;
  }
}
