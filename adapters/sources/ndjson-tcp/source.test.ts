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
  event: (n) => `{"message":"#${n}#","pad":"${'p'.repeat(n % 300)}"}\r\n`,
});
