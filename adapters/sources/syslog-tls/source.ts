/** Syslog over TLS (RFC 5425). See README.md. */
import type { SourceType } from '../../../engine/contracts.js';
import { tlsSource } from '../../lib/tls-source.js';

export const source: SourceType = tlsSource({
  name: 'syslog-tls',
  scheme: 'syslog+tls',
  defaultPort: 6514,
  format: 'syslog',
  framing: 'syslog',
});
