/** Whether a connection that JavaScript accepted may stay. */
import type { Socket } from 'node:net';
import type { Admission } from '../../engine/contracts.js';
import { type Sender, type Senders, senderOf } from './senders.js';

/** Reasons as native/src/io/io_stats.h names them. */
export type AdmissionRefusal = 'memory' | 'descriptors' | 'total' | 'limit' | 'address';

/** The sender, whose connection ends with the socket; or why not. `open`: connections of the listener before this one. */
export function admit(
  socket: Socket,
  open: number,
  limits: { readonly admission: Admission; readonly senders: Senders; readonly connectionsMax: number },
): Sender | AdmissionRefusal {
  const { admission, senders, connectionsMax } = limits;
  if (admission.memoryFull()) return 'memory';
  if (descriptorOf(socket) >= admission.descriptorsMax) return 'descriptors';
  if (open >= connectionsMax) return 'limit';
  if (admission.connectionsFull()) return 'total';
  const sender = senders.connect(senderOf(socket.remoteAddress ?? ''), performance.now());
  if (!sender) return 'address';
  socket.once('close', () => senders.disconnect(sender));
  return sender;
}

/** Turns a connection away. */
export function refuse(socket: Socket): void {
  refused.add(socket);
  socket.destroy();
}

/** Whether a TLS handshake failed because its connection was turned away. */
export function wasRefused(tls: Socket): boolean {
  const below = belowOf(tls);
  return below !== undefined && refused.has(below);
}

/** The connection below one of TLS. Node shows it as _parent alone. */
export const belowOf = (tls: Socket): Socket | undefined => (tls as unknown as { readonly _parent?: Socket })._parent;

const refused = new WeakSet<Socket>();

/** Descriptors are given out lowest first, so a high one tells that few are left. Node shows it on the handle alone. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle?: { readonly fd?: number } })._handle?.fd ?? -1;
}
