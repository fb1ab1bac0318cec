import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import { SUBJECTS } from '../../faults/subjects.ts';

/** What becomes of the writes to one profile. */
export type Fate = 'applied' | 'rejected' | 'unknown' | 'partial';

/** A profile of its own vendor, to which one write at a time is made. */
export type Profile = {
  readonly id: string;
  readonly patchOf: (canary: string) => JsonObject;
  readonly decide: (fate: Fate) => void;
};

const PROFILES = 8;

const PATCHES: Readonly<Record<string, (canary: string) => JsonObject>> = {
  senlin: (canary) => ({ attributes: { owner: canary } }),
  nerm: (canary) => ({ attributes: { remarks: canary } }),
  // Two steps, of which the second may fail.
  naver: (canary) => ({ description: canary, status: canary.length % 2 ? 'active' : 'inactive' }),
  iam: (canary) => ({ description: canary }),
};

/** The vendors' sandboxes behind a server that lets writes fail as a profile was told. */
export async function startVendors() {
  const set = createSandboxSet(Date.now, sandboxes);
  const chosen = SUBJECTS.filter(({ name }) => name !== 'iam (keystone)');
  const fates = new Map<string, { fate: Fate; writes: number }>();
  const profiles = chosen.flatMap((subject) =>
    Array.from({ length: PROFILES }, (_, i): Profile => {
      const id = `${subject.id.slice(0, -2)}${(0xa0 + i).toString(16)}`;
      set.byFolder.get(subject.folder)?.seed(id, subject.seeds[0]);
      const patchOf = PATCHES[subject.vendor];
      if (patchOf === undefined) throw new Error(`there is no patch for ${subject.vendor}`);
      return {
        id: `${subject.vendor}:${id}`,
        patchOf,
        decide: (fate) => void fates.set(id, { fate, writes: 0 }),
      };
    }),
  );

  const answer = async (request: Request): Promise<Response> => {
    const decided = [...fates].find(([id]) => request.url.includes(id))?.[1];
    if (decided === undefined) return set.fetch(request);
    const { fate } = decided;
    const isRead = request.method === 'GET';
    if (fate === 'unknown' && isRead && decided.writes > 0) return failed(500);
    if (!isRead) decided.writes += 1;
    if (fate === 'applied' || isRead) return set.fetch(request);
    if (fate === 'rejected' || (fate === 'partial' && decided.writes > 1)) return failed(403);
    const applied = await set.fetch(request);
    return fate === 'unknown' ? failed(504) : applied;
  };
  const server = await listen(answer, '127.0.0.1', 0);
  const settings = chosen.map((subject): [string, JsonObject] => {
    const limits = { circuitBreaker: { minimumRequests: 10_000, failureRatio: 1 } };
    return [subject.vendor, { ...subject.settings(server.origin), limits }];
  });
  return {
    targets: Object.fromEntries(settings),
    profiles,
    close: () => server.drain(Promise.resolve()),
  };
}

function failed(status: number): Response {
  return Response.json({ message: 'not now' }, { status });
}
