import type { SinkType } from '../../../engine/contracts.js';
import { auditKafka } from './audit.js';
import { figures, transactionFigures } from './figures.js';
import { KafkaSink } from './kafka-sink.js';
import { options } from './options.js';
import { readSettings, settingsMistakes } from './settings.js';
import { TransactionalSink } from './transactions/transactional-sink.js';

/** kafka://host:9092,host:9092/topic?… and kafkas://… (TLS). */
export const sink: SinkType = {
  name: 'kafka',
  schemes: ['kafka', 'kafkas'],
  options,
  figures: { ...figures, ...transactionFigures },
  needsJournal: true,
  topics: (spec) => readSettings(spec).topics,
  mistakes: settingsMistakes,
  create: (spec, context) => {
    const settings = readSettings(spec);
    return settings.transactions
      ? new TransactionalSink(spec, settings, context)
      : new KafkaSink(spec, settings, context);
  },
  audit: (spec, context) => auditKafka(readSettings(spec), context),
};
