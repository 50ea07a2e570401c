/**
 * The engine, stopped short: real listeners, receivers, rings and workers, of which the workers go no further than the stage that the
 * first argument names (PipelinePlan.lastStage). Settings as for `penstock run`; SIGTERM ends it.
 */
import { once } from 'node:events';
import { sinkTypes, sourceTypes } from '../adapters/index.js';
import { loadSettings } from '../engine/config/load.js';
import { startEngine } from '../engine/engine.js';
import { createLog } from '../engine/telemetry/log.js';
import type { PipelinePlan } from '../native/pipeline.js';

const stopMs = 2_000;

const lastStage = (process.argv[2] ?? 'all') as PipelinePlan['lastStage'];
const { settings } = loadSettings(process.env, process.cwd(), { sourceTypes, sinkTypes });
const engine = await startEngine(settings, createLog(settings.logLevel), { lastStage });
await once(process, 'SIGTERM');
await engine.stop(stopMs);
