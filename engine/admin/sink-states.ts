import type { EngineReadings } from '../readings.js';

/** How the sinks do, for whoever asks whether the engine is ready. */
export function sinkStates({ sinks }: EngineReadings): object[] {
  return sinks.map(({ spec, ready, detail, breaker }) => ({ sink: spec.id, ready, breaker: breaker.state, detail }));
}
