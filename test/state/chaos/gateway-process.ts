import { adapters as registry } from '../../../adapters/index.ts';
import type { Adapter, JsonObject } from '../../../src/adapter-kit/index.ts';
import { readConfiguration } from '../../../src/config/read-config.ts';
import { createApp } from '../../../src/http/app.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import { createNodePorts } from '../../../src/node/ports.ts';
import { createOrphanCloser } from '../../../src/profiles/close-orphan.ts';
import { systemClock } from '../../../src/state/clock.ts';
import { createSharedState } from '../../../src/state/shared-state.ts';
import { haltingCreateSend, haltingCreates } from '../kills/create-halts.ts';
import { type Halt, haltingSend, haltingState } from './halts.ts';
import { type Mutant, mutate, mutateCloser } from './mutants.ts';
import { freeIn, openStore, type StoreAddress } from './stores.ts';

/** Options of one gateway process, its first argument as JSON. */
export type GatewayProcessOptions = {
  readonly name: string;
  readonly document: JsonObject;
  readonly store: StoreAddress;
  readonly sessionMs: number;
  readonly settleMs: number;
  readonly mutant?: Mutant;
  /** The step at which each write stays, so that it can be killed there. */
  readonly halt?: Halt;
  /** Each create stays at the step that its request names. */
  readonly haltsCreates?: true;
};

/** What its parent may ask: a freeze right before the next write asks if it may still be sent. */
export type Order = { readonly freezeMs: number };

const options: GatewayProcessOptions = JSON.parse(process.argv[2] ?? '{}');
const { document, halt, haltsCreates, mutant, name, sessionMs, settleMs, store } = options;
const DAY_MS = 86_400_000;
const HASH_KEY = 'a-hash-key-that-is-not-real';

let freezeMs = 0;
process.on('message', (order: Order) => {
  freezeMs = order.freezeMs;
});
process.on('disconnect', () => process.exit(0));

/** Stops the whole process, as a machine that is short of memory does. */
function freeze(): void {
  if (freezeMs === 0) return;
  const ms = freezeMs;
  freezeMs = 0;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** The adapter of a vendor that is done with writes and creates after `settleMs`. */
function settlingIn(adapter: Adapter): Adapter {
  return {
    ...adapter,
    settleMs,
    open: (settings) => {
      const opened = adapter.open(settings);
      const { create } = opened.ok ? opened.connection : {};
      if (!opened.ok || create === undefined) return opened;
      return { ok: true, connection: { ...opened.connection, create: { ...create, settleMs } } };
    },
  };
}

const read = await readConfiguration(document, {
  adapters: registry.map(settlingIn),
  lookup: { environment: () => undefined },
  clock: systemClock,
  digests: nodeDigests,
});
if (!read.ok) throw new Error(JSON.stringify(read.problems));
const { gateway } = read;
const onHalt = (): void => void process.send?.({ halted: true });
const opened = await openStore(store, undefined, sessionMs);
const database = mutate(opened, mutant, (key) => freeIn(store, key));
const shared = createSharedState({
  database,
  clock: systemClock,
  random: Math.random,
  atTurnEnd: (step) => void setImmediate(step),
  hashKey: HASH_KEY,
  name,
  version: '1',
  sessionMs,
  retention: { receiptMs: DAY_MS, answerMs: DAY_MS, idleMs: DAY_MS },
  onEvent: (event) => process.send?.({ event }),
});
const { ports: nodePorts } = createNodePorts(() => {}, {
  state:
    haltsCreates === true
      ? haltingCreates(shared.state, onHalt)
      : haltingState(shared.state, halt, onHalt),
});
const send =
  haltsCreates === true
    ? haltingCreateSend(nodePorts.send, onHalt)
    : haltingSend(nodePorts.send, halt, onHalt);
const ports = {
  ...nodePorts,
  send: (...[request, timeoutMs, transport, mayStillSend]: Parameters<typeof nodePorts.send>) =>
    send(
      request,
      timeoutMs,
      transport,
      mayStillSend &&
        (() => {
          freeze();
          return mutant === 'sends_without_asking' || mayStillSend();
        }),
    ),
};
const app = createApp({ adapters: gateway.adapters, ports, gateway: () => gateway });
const closer = createOrphanCloser({
  targets: () => gateway.targets,
  ports,
  hashKey: HASH_KEY,
  replica: name,
});
await shared.start(mutateCloser(closer, mutant));
const { origin } = await listen(async (request) => app.fetch(request), '127.0.0.1', 0);
process.send?.({ origin });
