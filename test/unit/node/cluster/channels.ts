import { type Channel, type Handlers, openChannel } from '../../../../src/node/cluster/channel.ts';

export type Handler = (body: unknown) => unknown;

/** Two ends of a channel whose messages are copied, as between processes. */
export function pair(near: Handlers, far: Handlers): { near: Channel; far: Channel } {
  const ends: { near?: Channel; far?: Channel } = {};
  const nearEnd = openChannel((message) => ends.far?.take(structuredClone(message)), near);
  const farEnd = openChannel((message) => ends.near?.take(structuredClone(message)), far);
  Object.assign(ends, { near: nearEnd, far: farEnd });
  return { near: nearEnd, far: farEnd };
}

/** A worker of this process, by its answers, and what it was told. */
export function worker(answers: Record<string, Handler>) {
  const told: [string, unknown][] = [];
  const note = (kind: string): [string, Handler] => [kind, (body) => void told.push([kind, body])];
  const handlers = new Map([note('settle'), note('keys'), ...Object.entries(answers)]);
  return { channel: pair(new Map(), handlers).near, told };
}
