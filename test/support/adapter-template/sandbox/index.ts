import type { Sandbox, SandboxOptions } from '../../../../adapters/sandbox-kit/sandbox.ts';
import { unkindFetch } from '../../../../adapters/sandbox-kit/unkind.ts';
import type { JsonObject } from '../../../../src/adapter-kit/index.ts';

/** A stand-in for the vendor; beside each rule stands its source. */
export function createSandbox({ unkind }: SandboxOptions): Sandbox {
  const profiles = new Map<string, JsonObject>();
  return {
    fetch: unkindFetch(unkind, () =>
      Response.json({ code: 'not_found', message: 'no such path' }, { status: 404 }),
    ),
    stored: (id) => profiles.get(id),
    outsideWrite: (id, change) => profiles.set(id, { ...profiles.get(id), ...change }),
    seed: (id, resource) => profiles.set(id, resource),
    journal: () => [],
  };
}
