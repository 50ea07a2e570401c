import type { SinkType } from '../../../engine/contracts.js';
import { auditKafka } from './audit.js';
import { KafkaSink } from './kafka-sink.js';
import { options } from './options.js';
import { readSettings } from './settings.js';

/** kafka://host:9092,host:9092/topic?… and kafkas://… (TLS). */
export const sink: SinkType = {
  name: 'kafka',
  schemes: ['kafka', 'kafkas'],
  options,
  needsJournal: true,
  create: (spec, context) => new KafkaSink(spec, readSettings(spec), context),
  audit: (spec, context) => auditKafka(readSettings(spec), context),
};
