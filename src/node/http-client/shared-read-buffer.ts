import type { OnReadOpts, Socket } from 'node:net';

/** Most bytes that one read takes, as many as Node itself takes. */
const READ_BYTES_MAX = 65_536;

/**
 * Read options of connections: all read into one buffer, of which each takes a copy of what came
 * for it, at once, so that no other read comes between. By itself Node makes a buffer of 64 KiB for
 * each read and cuts it off, which costs 2 µs more. Node calls `callback` on the socket.
 */
export const READ_SHARED: OnReadOpts = {
  buffer: Buffer.allocUnsafeSlow(READ_BYTES_MAX),
  callback(this: Socket, bytes: number, buffer: Uint8Array): boolean {
    return this.push(Buffer.copyBytesFrom(buffer, 0, bytes));
  },
};
