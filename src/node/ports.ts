import { DEADLINE_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { sleep, systemClock } from '../state/clock.ts';
import { createMemoryState } from '../state/local-state.ts';
import { stopWith } from './command-line.ts';
import { nodeDigests } from './digests.ts';
import { readProxies } from './http-client/proxy-environment.ts';
import { createUndiciSend } from './http-client/send.ts';
import { headersOfIncoming, readIncoming } from './http-server/incoming-message.ts';

export type NodePorts = {
  readonly ports: Ports;
  /** Closes the connections to vendors; without it they keep the process for a few seconds. */
  readonly close: () => Promise<void>;
};

/** Signals of the gateway besides its log, and its state if that outlives the process. */
export type NodeSignals = Pick<Ports, 'logLevel' | 'meter' | 'tracer'> &
  Partial<Pick<Ports, 'state'>>;

/** All that is impure about the gateway on Node. */
export function createNodePorts(log: Ports['log'], signals: NodeSignals = {}): NodePorts {
  const found = readProxies(process.env);
  if (!found.ok) stopWith([{ path: found.name, message: found.message }]);
  const transport = createUndiciSend({
    proxies: found.proxies,
    onProxyRefusal: (proxy) =>
      log({ level: 'error', event: 'proxy', message: `${proxy} requires other credentials (407)` }),
  });
  const ports: Ports = {
    send: transport.send,
    readChunks: readIncoming,
    headersOf: headersOfIncoming,
    ...systemClock,
    random: Math.random,
    sleep,
    digests: nodeDigests,
    state: createMemoryState(systemClock.monotonicMs),
    log,
    // Replicas accept each other's cursors, since they share the state and its key.
    cursorKey: signals.state?.hashKey,
    ...signals,
    deadlineMs: DEADLINE_MS,
  };
  return { ports, close: transport.close };
}
