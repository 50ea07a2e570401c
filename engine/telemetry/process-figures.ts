import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { PrometheusText } from './prometheus.js';

const delay = monitorEventLoopDelay({ resolution: 100 });

/** The process's own CPU, memory and event loop, under Prometheus's conventional names. */
export function writeProcessFigures(text: PrometheusText, startedMs: number): void {
  delay.enable();
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  text.counter('process_cpu_user_seconds_total', 'User CPU time of all threads.', user / 1e6);
  text.counter('process_cpu_system_seconds_total', 'System CPU time of all threads.', system / 1e6);
  text.counter('process_cpu_seconds_total', 'User and system CPU time of all threads.', (user + system) / 1e6);
  text.gauge('process_resident_memory_bytes', 'Resident memory.', memory.rss);
  text.gauge('process_start_time_seconds', 'Start, seconds since the epoch.', startedMs / 1000);
  text.gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use on the main thread.', memory.heapUsed);
  text.gauge('nodejs_external_memory_bytes', 'Memory of buffers, shared ones included.', memory.external);
  text.gauge('nodejs_eventloop_lag_seconds', 'Event loop delay of the main thread since the last scrape.', [
    [{ quantile: '0.5' }, delay.percentile(50) / 1e9],
    [{ quantile: '0.99' }, delay.percentile(99) / 1e9],
    [{ quantile: '1' }, delay.max / 1e9],
  ]);
  delay.reset();
}
