import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { PrometheusText } from './prometheus.js';

const resolutionMs = 100;
/** Times between ticks of a timer: the loop's delay is what is beyond the timer's own. */
const ticks = monitorEventLoopDelay({ resolution: resolutionMs });

/** The process's own CPU, memory and event loop, under Prometheus's conventional names. */
export function writeProcessFigures(text: PrometheusText, startedMs: number): void {
  ticks.enable();
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  text.counter('process_cpu_user_seconds_total', 'User CPU time of all threads.', user / 1e6);
  text.counter('process_cpu_system_seconds_total', 'System CPU time of all threads.', system / 1e6);
  text.counter('process_cpu_seconds_total', 'User and system CPU time of all threads.', (user + system) / 1e6);
  text.gauge('process_resident_memory_bytes', 'Resident memory.', memory.rss);
  text.gauge('process_start_time_seconds', 'Start, seconds since the epoch.', startedMs / 1000);
  text.gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use on the main thread.', memory.heapUsed);
  text.gauge('nodejs_external_memory_bytes', 'Memory of buffers, shared ones included.', memory.external);
  text.summary('nodejs_eventloop_lag_seconds', 'Event loop delay of the main thread since the last scrape.', [
    [{ quantile: '0.5' }, lagSeconds(ticks.percentile(50))],
    [{ quantile: '0.99' }, lagSeconds(ticks.percentile(99))],
    [{ quantile: '1' }, lagSeconds(ticks.max)],
  ]);
  ticks.reset();
}

/** How late the loop was for a timer whose ticks came `tickNs` apart; 0 of a histogram that has seen none. */
export function lagSeconds(tickNs: number): number {
  return Math.max(0, tickNs / 1e6 - resolutionMs) / 1000;
}
