/** JSON objects over TCP, one a line. See README.md. */
import type { SourceType } from '../../../engine/contracts.js';
import { tcpSource } from '../../lib/tcp-source.js';

export const source: SourceType = tcpSource({
  name: 'ndjson-tcp',
  scheme: 'ndjson+tcp',
  defaultPort: 5515,
  format: 'json',
  framing: 'line',
});
