/** `penstock dictionaries`: the copies in a Kafka topic back into the folder beside the journal, when that was lost. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';
import { dictionaryFile, dictionaryId } from '../../native/dictionaries.js';
import { DictionaryFolder } from '../dictionaries/dictionary-folder.js';
import { OperatingError } from '../errors.js';
import { ExitCode } from './exit-codes.js';
import { readDictionaryTopic } from './kafka-dictionaries.js';
import { readKafkaUrl } from './kafka-url.js';
import { defaultData } from './query.js';
import { count } from './report-error.js';

const usage = `Usage: penstock dictionaries --from kafka://HOST:PORT/TOPIC [--data DIR]

Writes the dictionaries of frames that Kafka has into <data>/dictionaries, when that folder was lost: frames that need them are read again.
What is there stays. Also while the engine runs.

--from URL  as in PENSTOCK_DELIVER, with the same options; dictionary_topic names their topic (penstock.dictionaries)
--data DIR  data directory; default PENSTOCK_DATA or ./data
`;

/** Answers the exit code. @throws OperatingError */
export async function runDictionaries(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv);
  if (typeof args === 'string') {
    if (args === usage) process.stdout.write(usage);
    else process.stderr.write(`penstock dictionaries: ${args}\n\n${usage}`);
    return args === usage ? ExitCode.ok : ExitCode.usage;
  }
  const { config, dictionaryTopic: topic } = readKafkaUrl(args.from);
  const folder = new DictionaryFolder(join(args.data, 'dictionaries'));
  const kafka = new kafkajs.Kafka({
    clientId: 'penstock-dictionaries',
    logLevel: kafkajs.logLevel.NOTHING,
    ...config,
  });
  const [written, there] = [new Set<number>(), new Set(readable(folder))];
  let others = 0;
  const keep = (value: Buffer) => {
    const id = idOf(value);
    if (id === undefined) others++;
    else if (!there.has(id) && !written.has(id)) {
      folder.forget(id); // one that is damaged
      folder.save(id, value);
      written.add(id);
      process.stdout.write(`${join(folder.path, dictionaryFile(id))}\n`);
    }
  };
  const found = await readDictionaryTopic(kafka, topic, (_, value) => keep(value)).catch((cause: unknown) => {
    const message = `cannot read ${topic} from ${String(config.brokers)}: ${cause instanceof Error ? cause.message : cause}`;
    throw new OperatingError('DICTIONARIES', message, 'check brokers, topic, credentials and the folder', { cause });
  });
  if (!found)
    throw new OperatingError('DICTIONARIES', `there is no topic ${topic}`, 'name it in the URL: ?dictionary_topic=…');
  const ignored = others === 0 ? '' : `; passed over ${count(others, 'record')} without a dictionary`;
  process.stderr.write(`written: ${written.size}, there already: ${there.size}${ignored}\n`);
  return ExitCode.ok;
}

function readable(folder: DictionaryFolder): number[] {
  return folder.ids().filter((id) => {
    try {
      return folder.read(id).length > 0;
    } catch {
      return false;
    }
  });
}

/** undefined: it is none. */
function idOf(value: Buffer): number | undefined {
  try {
    return dictionaryId(value);
  } catch {
    return undefined;
  }
}

function readArguments(argv: readonly string[]): { readonly from: string; readonly data: string } | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { from: { type: 'string' }, data: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) return usage;
    if (values.from === undefined) return '--from is missing';
    return { from: values.from, data: values.data ?? defaultData() };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
