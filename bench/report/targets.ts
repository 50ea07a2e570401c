/** What the design wants: at least, or where `most` is true at most. */
import type { Figure } from '../lib/figures.js';

interface Target {
  readonly bound: number;
  readonly most?: boolean;
}

export const targets: Readonly<Record<string, Target>> = {
  syslog_tcp_zstd_null: { bound: 800_000 },
  syslog_tcp_plain_null: { bound: 4_000_000 },
  ndjson_tcp_zstd_null: { bound: 350_000 },
  ndjson_tcp_plain_null: { bound: 1_200_000 },
  syslog_udp_zstd_null: { bound: 500_000 },
  sshd_iptables_tcp_zstd_null: { bound: 600_000 },
  cef_tcp_zstd_null: { bound: 500_000 },
  fortigate_tcp_zstd_null: { bound: 450_000 },
  windows_xml_tcp_zstd_null: { bound: 150_000 },
  mixed_tcp_zstd_null: { bound: 400_000 },
  recognition_ratio: { bound: 0.9 },
  enrichment_ratio: { bound: 0.85 },
  syslog_tcp_compact_null: { bound: 900_000 },
  syslog_tcp_frames_null: { bound: 1_400_000 },
  frames_syslog_speed: { bound: 2 },
  frames_syslog_size: { bound: 2.85 },
  frames_json_speed: { bound: 1.6 },
  frames_json_size: { bound: 1.9 },
  frames_4k_dictionary_speed: { bound: 1 },
  frames_4k_dictionary_size: { bound: 0.66, most: true },
  frames_16k_dictionary_speed: { bound: 1 },
  frames_16k_dictionary_size: { bound: 0.52, most: true },
  frames_recorded_speed: { bound: 1.2 },
  frames_recorded_size: { bound: 1.43 },
  frames_recorded_slowest: { bound: 0.97 },
  frames_read_syslog_two_fields: { bound: 500_000 },
  frames_read_java_two_fields: { bound: 1_000_000 },
  frames_read_syslog_events_ratio: { bound: 1 },
  frames_read_json_events_ratio: { bound: 0.77 },
  frames_read_syslog_native_decode_ratio: { bound: 1 },
  frames_read_json_native_decode_ratio: { bound: 0.77 },
  frames_read_java_events_ratio: { bound: 1 },
  frames_read_native_three_fields: { bound: 100, most: true },
  adaptive_step_fall_ms: { bound: 1_000, most: true },
  adaptive_step_changes: { bound: 8, most: true },
  adaptive_step_lost: { bound: 0, most: true },
  journal_flush_ratio: { bound: 0.9 },
  journal_fsync_ratio: { bound: 0.8 },
  ack_http_fsync_p99: { bound: 50, most: true },
  drain_ratio: { bound: 2 },
  drain_ratio_sustained: { bound: 2 },
  recovery_scan_gbs: { bound: 1 },
  rss_full_load_bytes: { bound: 600e6, most: true },
  idle_cpu_percent: { bound: 1, most: true },
  udp_100k_loss: { bound: 0, most: true },
  udp_overload_uncounted: { bound: 0, most: true },
};

/** Of what null gives in turns with it: Kafka is to cost no more than a fifth. */
const kafkaShare = 0.8;

/** Target and whether it is reached, as text; empty where there is none. */
export function targetOf(name: string, figure: Figure): [target: string, reached: string] {
  const yes = (reached: boolean) => (reached ? 'yes' : '**no**');
  if (/^(syslog|ndjson)_tcp_zstd_kafka/.test(name) && figure.ratio !== undefined)
    return [`${kafkaShare * 100} % of null`, yes(figure.ratio >= kafkaShare)];
  const target = targets[name];
  if (!target) return ['', ''];
  const { bound, most = false } = target;
  return [`${most ? '≤' : '≥'} ${number(bound)}`, yes(most ? figure.value <= bound : figure.value >= bound)];
}

export function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
}
