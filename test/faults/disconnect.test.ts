import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { SANDBOX_API_KEY } from '../../adapters/nerm/sandbox/access.ts';
import { createSandbox } from '../../adapters/nerm/sandbox/index.ts';
import { type Listening, listen } from '../../src/node/http-server/server.ts';
import { close, startGateway } from '../support/gateway.ts';

const CALLERS = 1_000;
/** Fewer than the connections that the gateway opens to one vendor. */
const AT_ONCE = 50;

const SEED = { status: 'Active', updated_at: '2020-02-03T10:20:30.456-05:00' };

/** How the write of a caller ends, which the caller will not hear. */
const KINDS = [
  { patch: { status: 'inactive' }, outcome: 'applied', evidence: 'response', effects: 1 },
  { patch: { status: 'active' }, outcome: 'noop', evidence: 'read', effects: 0 },
  { patch: { attributes: { end_date: 'never' } }, outcome: 'rejected', effects: 0 },
  // Stored, and then answered by a front end that has lost the vendor.
  {
    patch: { status: 'on_leave' },
    outcome: 'applied',
    evidence: 'read_back',
    effects: 1,
    lost: true,
  },
] as const;

type CallerOf = { readonly id: string; readonly kind: (typeof KINDS)[number] };

const peer = (): never => {
  throw new Error('the sandbox has no peer');
};

test('callers that go away in mid-write leave one record each, with the true end', async () => {
  const sandbox = createSandbox({ basePath: '/nerm', now: Date.now, peer });
  const callers = Array.from({ length: CALLERS }, (_, i): CallerOf => {
    const kind = KINDS[i % KINDS.length] ?? KINDS[0];
    return { id: randomUUID(), kind };
  });
  const lost = new Set(callers.filter(({ kind }) => 'lost' in kind).map(({ id }) => id));
  for (const { id } of callers) sandbox.seed(id, SEED);

  let arrived = 0;
  let gate = Promise.withResolvers<void>();
  const vendor = await listen(
    async (request) => {
      if (request.method !== 'PATCH') return sandbox.fetch(request);
      arrived += 1;
      await gate.promise;
      const answer = await sandbox.fetch(request);
      const id = new URL(request.url).pathname.split('/').at(-1) ?? '';
      return lost.has(id) ? new Response('<p>bad gateway', { status: 502 }) : answer;
    },
    '127.0.0.1',
    0,
  );
  const gateway = await startGateway({ targets: { slow: () => settingsFor(vendor) } });
  try {
    // Few requests at once are sent with a credential that was never accepted.
    await fetch(`${gateway.origin}/profiles/slow:${callers[0]?.id}`);
    const logsBefore = gateway.logs.length;
    for (let first = 0; first < CALLERS; first += AT_ONCE) {
      const group = callers.slice(first, first + AT_ONCE);
      const sockets = group.map((caller) => send(gateway.origin, caller));
      await until(() => arrived === first + group.length);
      for (const socket of sockets) socket.destroy();
      // The gateway has seen its callers go before the vendor answers.
      await new Promise((resolve) => setTimeout(resolve, 10));
      gate.resolve();
      await until(() => gateway.logs.length >= logsBefore + first + group.length);
      gate = Promise.withResolvers();
    }
    expect(gateway.logs).toHaveLength(logsBefore + CALLERS);
    const journal = sandbox.journal();
    for (const { id, kind } of callers) {
      const records = gateway.logs.filter(({ requestId }) => requestId === id);
      const { effects, outcome } = kind;
      const evidence = 'evidence' in kind ? { evidence: kind.evidence } : {};
      expect(records).toMatchObject([{ event: 'request', id: `slow:${id}`, outcome, ...evidence }]);
      expect(journal.filter((change) => change.id === id)).toHaveLength(effects);
    }
  } finally {
    await gateway.stop();
    await close(vendor);
  }
});

function settingsFor({ origin }: Listening) {
  return {
    vendor: 'nerm',
    baseUrl: `${origin}/nerm/api`,
    auth: { method: 'token', token: SANDBOX_API_KEY },
  };
}

/** Sends a whole PATCH and listens to nothing. */
function send(origin: string, { id, kind }: CallerOf): Socket {
  const { host, hostname, port } = new URL(origin);
  const body = JSON.stringify(kind.patch);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  socket.write(
    [
      `PATCH /profiles/slow:${id} HTTP/1.1`,
      `Host: ${host}`,
      'Content-Type: application/merge-patch+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${id}`,
      '',
      body,
    ].join('\r\n'),
  );
  return socket;
}

async function until(isSo: () => boolean): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error('what must happen did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
