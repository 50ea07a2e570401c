import { once } from 'node:events';
import { connect } from 'node:net';
import { testStreamSource } from '../../../test/contract/source-suite.js';
import { source } from './source.js';

testStreamSource({
  source,
  idleConnections: 2000,
  connect: async (port) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  },
  event: (n) => {
    const message = `<13>1 2026-01-02T03:04:05Z host app - - - #${n}# ${'m'.repeat(n % 200)}`;
    return n % 3 === 0 ? `${message.length} ${message}` : `${message}\n`;
  },
});
