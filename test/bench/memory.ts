import { connect, type Socket } from 'node:net';
import { runLoad } from './load.ts';
import type { Subject } from './process.ts';
import {
  CALLER_KEY,
  callerId,
  SCENARIOS,
  writeSmallConfiguration,
  writeWideConfiguration,
} from './scenarios.ts';
import { MANY_CALLERS } from './speed.ts';
import type { Stage } from './stage.ts';

/** Resident memory after so many requests, in MiB. */
export type Growth = { readonly afterFew: number; readonly afterMany: number };

const FEW = 100_000;
const MANY = 1_000_000;
const CHUNK_SECONDS = 5;
/** Longest time that all the requests may take. */
const CHUNKS_MAX = 120;

const [NAVER] = SCENARIOS;

/** Asks a fresh gateway a million times. */
export async function measureGrowth(stage: Stage, say: (line: string) => void): Promise<Growth> {
  const gateway = await stage.gateway(writeSmallConfiguration(stage.folder, stage.upstream.origin));
  let asked = 0;
  let afterFew = 0;
  for (let chunk = 0; chunk < CHUNKS_MAX && asked < MANY; chunk += 1) {
    const { requests } = await ask(gateway, MANY_CALLERS, CHUNK_SECONDS);
    asked += requests;
    if (afterFew === 0 && asked >= FEW) afterFew = gateway.residentMib();
    say(`${asked} requests: ${gateway.residentMib().toFixed(1)} MiB`);
  }
  return { afterFew, afterMany: gateway.residentMib() };
}

export const IDLE_CALLERS = 1_000;
export const UPSTREAM_CONNECTIONS = 256;

/** Resident memory with many callers that wait and a full pool of connections, in MiB. */
export async function measureIdle(stage: Stage): Promise<number> {
  const file = writeWideConfiguration(stage.folder, stage.upstream.origin, UPSTREAM_CONNECTIONS);
  const gateway = await stage.gateway(file);
  const callers = await Promise.all(
    Array.from({ length: IDLE_CALLERS }, () => idleCaller(new URL(gateway.origin))),
  );
  await ask(gateway, UPSTREAM_CONNECTIONS, 3);
  const mib = gateway.residentMib();
  for (const caller of callers) caller.destroy();
  return mib;
}

function ask(gateway: Subject, connections: number, seconds: number) {
  return runLoad({
    origin: gateway.origin,
    path: `/profiles/${callerId('naver')}`,
    body: JSON.stringify(NAVER?.body),
    key: CALLER_KEY,
    connections,
    seconds,
  });
}

/** A connection that has asked once and stays open. */
function idleCaller({ hostname, port }: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once('error', reject);
    socket.once('data', () => resolve(socket));
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  });
}
