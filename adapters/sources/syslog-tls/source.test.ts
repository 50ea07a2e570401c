import { once } from 'node:events';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { projectRoot } from '../../../native/load.js';
import { testStreamSource } from '../../../test/contract/source-suite.js';
import { source } from './source.js';

const certificate = join(projectRoot, 'test/data/tls/certificate.pem');
const key = join(projectRoot, 'test/data/tls/key.pem');

testStreamSource({
  source,
  options: { certificate, key },
  idleConnections: 1000,
  connect: async (port) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return socket;
  },
  event: (n) => {
    const message = `<13>1 2026-01-02T03:04:05Z host app - - - #${n}# ${'m'.repeat(n % 200)}`;
    return n % 3 === 0 ? `${message.length} ${message}` : `${message}\n`;
  },
});
