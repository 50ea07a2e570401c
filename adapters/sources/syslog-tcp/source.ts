/** Syslog over TCP (RFC 6587): octet counting and lines, told apart per frame. See README.md. */
import type { SourceType } from '../../../engine/contracts.js';
import { tcpSource } from '../../lib/tcp-source.js';

export const source: SourceType = tcpSource({
  name: 'syslog-tcp',
  scheme: 'syslog+tcp',
  defaultPort: 514,
  format: 'syslog',
  framing: 'syslog',
});
