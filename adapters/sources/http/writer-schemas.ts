/** By which schema an Avro message was written: the listener's own is known by its fingerprint, a registry's by its id. */
import { readFileSync } from 'node:fs';
import type { ListenerSpec, SourceContext } from '../../../engine/contracts.js';
import { OperatingError } from '../../../engine/errors.js';
import type { AvroPrefix } from '../../../native/avro.js';
import { avroFingerprint } from './avro/canonical.js';
import { AvroPlans } from './avro/plans.js';
import { readAvroSchema } from './avro/schema.js';
import type { AvroContext } from './avro.js';

interface Own {
  readonly fingerprint: bigint;
  readonly text: string;
}

export class WriterSchemas implements AvroContext {
  readonly plans = new AvroPlans();
  readonly #path: string | null;
  #own: Own | null;

  /** @throws OperatingError when the listener's schema cannot be read */
  constructor(
    listener: ListenerSpec,
    private readonly registry: SourceContext['writerSchemas'],
  ) {
    const path = String(listener.options.schema ?? '');
    this.#path = path.endsWith('.avsc') ? path : null;
    this.#own = this.#read();
  }

  /** Reads the listener's schema again; what is answered puts it in force. @throws OperatingError */
  refreshed(): () => void {
    const own = this.#read();
    return () => {
      this.#own = own;
    };
  }

  /** Rejects where the registry cannot be asked now. */
  async schemaOf(prefix: AvroPrefix, schema: bigint): Promise<string | null> {
    if (prefix === 'id') return this.registry ? this.registry.byId(Number(schema)) : null;
    return this.#own?.fingerprint === schema ? this.#own.text : null;
  }

  #read(): Own | null {
    if (this.#path === null) return null;
    try {
      const text = readFileSync(this.#path, 'utf8');
      return { text, fingerprint: avroFingerprint(readAvroSchema(text)) };
    } catch (cause) {
      const message = `the schema ${this.#path} of a listener cannot be used: ${(cause as Error).message}`;
      throw new OperatingError('INPUT_SCHEMA_UNUSABLE', message, 'name an Avro schema that can be read', { cause });
    }
  }
}
