/** JSON objects over TLS, one a line. See README.md. */
import type { SourceType } from '../../../engine/contracts.js';
import { tlsSource } from '../../lib/tls-source.js';

export const source: SourceType = tlsSource({
  name: 'ndjson-tls',
  scheme: 'ndjson+tls',
  defaultPort: 5516,
  format: 'json',
  framing: 'line',
});
