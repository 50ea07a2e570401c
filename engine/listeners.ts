/**
 * Opens the configured listeners, all or none, and closes them.
 */

import { sourceTypes } from '../adapters/index.js';
import type { ListenerPlan } from '../native/pipeline.js';
import type { Settings } from './config/settings.js';
import type { ListenerSpec, Source, SourceContext, SourceType } from './contracts.js';

export interface OpenListener {
  readonly spec: ListenerSpec;
  readonly source: Source;
  /** The port bound: the configured one, or the one chosen for port 0. */
  readonly port: number;
}

/** The type that answers to a listener's scheme; configuration has checked that there is one. */
export function sourceTypeOf(listener: ListenerSpec): SourceType {
  const type = sourceTypes.find((candidate) => candidate.schemes.includes(listener.scheme));
  if (!type) throw new Error(`no source answers to ${listener.scheme}`);
  return type;
}

/** What the workers know of each listener, by index. */
export function listenerPlans(settings: Settings): ListenerPlan[] {
  return settings.listeners.map((listener) => ({
    format: sourceTypeOf(listener).format,
    source: `${listener.scheme}:${listener.port}`,
    route: 0,
    utcOffsetSeconds: settings.utcOffsetSeconds,
  }));
}

/** Rejects with the first OperatingError; what was open by then is closed again. */
export async function openListeners(settings: Settings, context: SourceContext): Promise<OpenListener[]> {
  const open: OpenListener[] = [];
  try {
    for (const spec of settings.listeners) {
      const source = sourceTypeOf(spec).create(spec, context);
      open.push({ spec, source, port: await source.start() });
    }
    return open;
  } catch (error) {
    await closeListeners(open);
    throw error;
  }
}

export async function closeListeners(open: readonly OpenListener[]): Promise<void> {
  await Promise.all(open.map(({ source }) => source.stop()));
}
