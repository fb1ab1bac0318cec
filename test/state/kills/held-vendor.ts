import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import type { Subject } from '../../faults/subject.ts';

/** Fate of a write that has come to the vendor. */
export type Fate = 'answered' | 'dropped' | 'late' | 'applied';

/** Profiles of one vendor that are written at once. */
const PROFILES = 10;
/** Time after which a late write is applied: before the vendor must be done. */
const LATE_MS = 700;

/** One vendor whose writes are held, so that their replica can end meanwhile. */
export async function startHeldVendor(subject: Subject, onHeld: () => void) {
  const set = createSandboxSet(Date.now, sandboxes);
  const sandbox = set.byFolder.get(subject.folder);
  const ids = Array.from({ length: PROFILES }, (_, i) => {
    const id = `${subject.id.slice(0, -2)}${(0xa0 + i).toString(16)}`;
    sandbox?.seed(id, subject.seeds[0]);
    return id;
  });
  let fate: Fate = 'answered';
  const never = new Promise<never>(() => {});

  const answer = async (request: Request): Promise<Response> => {
    const text = await request.clone().text();
    const given = fate;
    if (given === 'answered' || !/"w\d+"/.test(text)) return set.fetch(request);
    if (given === 'late') setTimeout(() => void set.fetch(request), LATE_MS);
    if (given === 'applied') await set.fetch(request);
    onHeld();
    return never;
  };
  const server = await listen(answer, '127.0.0.1', 0);
  const settings = { ...subject.settings(server.origin), timeoutMs: 30_000 };
  return {
    document: { version: 1, targets: { [subject.vendor]: settings } } satisfies JsonObject,
    ids,
    setFate: (wanted: Fate): void => {
      fate = wanted;
    },
    /** Reports whether the value that carries `number` was ever stored. */
    hasStored: (number: number): boolean =>
      (sandbox?.journal() ?? []).some(({ after, before }) => {
        const mark = `"w${number}"`;
        return JSON.stringify(after).includes(mark) && !JSON.stringify(before).includes(mark);
      }),
    close: () => server.drain(Promise.resolve()),
  };
}
