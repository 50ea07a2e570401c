/** Syslog over UDP (RFC 5426): one message a datagram. See README.md. */
import type { ListenerSpec, SenderRates, SourceType } from '../../../engine/contracts.js';
import { rateBurstOption, rateBytesOption, rateOf } from '../../lib/rates.js';

const mebibyte = 1024 * 1024;
/** Of native/src/io/udp_receiver.h. */
const datagramsARead = 64;
const datagramBytes = 66_112;

export const source: SourceType = {
  name: 'syslog-udp',
  schemes: ['syslog+udp'],
  defaultPort: 514,
  format: 'syslog',
  options: [
    {
      name: 'receive_buffer_bytes',
      type: 'bytes',
      default: 32 * mebibyte,
      min: 64 * 1024,
      max: 1024 * mebibyte,
      text: 'Receive buffer to request from the kernel for each socket (one per receiver thread). It bridges bursts. The kernel grants at most net.core.rmem_max unless the process has CAP_NET_ADMIN.',
    },
    {
      name: 'gro',
      type: 'boolean',
      default: true,
      text: 'Let the kernel deliver several datagrams of one sender at once (UDP_GRO, Linux 5.0), which takes less CPU.',
    },
    {
      name: 'rate_datagrams',
      type: 'integer',
      default: null,
      min: 1,
      max: 1_000_000_000,
      text: 'Datagrams per second from one sender (an address, or an IPv6 /64); the excess is dropped and counted. Default: no limit.',
      example: '5000',
      live: true,
    },
    rateBytesOption,
    rateBurstOption,
  ],
  buffers: (_listener, { receivers }) => [
    { name: 'reads', bytes: receivers * datagramsARead * datagramBytes, lowerBy: 'PENSTOCK_RECEIVERS' },
  ],
  create: (listener, { receivers, log }) => ({
    listener,
    start: async () => {
      const receiveBufferBytes = Number(listener.options.receive_buffer_bytes ?? 32 * mebibyte);
      const { bytes: rateBytes, datagrams: rateDatagrams } = ratesOf(listener);
      return receivers.listenUdp(listener, {
        receiveBufferBytes,
        gro: listener.options.gro !== false,
        ...(rateDatagrams === undefined ? {} : { rateDatagrams }),
        ...(rateBytes === undefined ? {} : { rateBytes }),
        onSmallerBuffer: (grantedBytes) =>
          log.warn(
            { listener: listener.url, asked_bytes: receiveBufferBytes, granted_bytes: grantedBytes },
            `the kernel grants a smaller socket buffer than asked, bursts may be dropped: sysctl -w net.core.rmem_max=${receiveBufferBytes}`,
          ),
      });
    },
    retune: (changed) => receivers.setRates(listener.index, ratesOf(changed)),
    stop: () => receivers.close(listener.index),
  }),
};

function ratesOf(listener: ListenerSpec): SenderRates {
  return { bytes: rateOf(listener, 'rate_bytes'), datagrams: rateOf(listener, 'rate_datagrams') };
}
