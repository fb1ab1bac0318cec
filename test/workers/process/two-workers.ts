import { type JsonObject, ownObject } from '../../../src/adapter-kit/index.ts';
import { SENLIN, upstreamIdOf } from '../../support/profiles.ts';
import {
  AUTHORIZED,
  bindingsFor,
  createHarness,
  type RunningSandboxes,
  startSandboxes,
  workerConfig,
} from './worker.ts';

const NAMES = ['profile-gateway', 'profile-gateway-east'];
export const PARALLEL = 4;
/** How long the vendor takes to tell a profile: long enough for another writer to come between. */
const READ_MS = 4;

export const BINDING = { name: 'PROFILE_WRITER', class_name: 'ProfileWriter' };
/** The second Worker's objects are those of the first. */
export const SHARED = { ...BINDING, script_name: NAMES[0] };

/** What became of `rounds` of parallel patches by two Workers. */
export async function patchByTwo(second: typeof BINDING, rounds: number) {
  const sandboxes = await startSandboxes({
    around: (serve) => async (request) => {
      const answer = await serve(request);
      if (request.method === 'GET') await new Promise((resolve) => setTimeout(resolve, READ_MS));
      return answer;
    },
  });
  const config = workerConfig(bindingsFor(sandboxes));
  const harness = createHarness([
    { ...config, name: NAMES[0] },
    { ...config, name: NAMES[1], durable_objects: { bindings: [second] } },
  ]);
  try {
    await harness.listen();
    let [applied, lost] = [0, 0];
    for (let round = 0; round < rounds; round += 1) {
      const sent = Array.from({ length: PARALLEL }, (_, i) => ({ [`by${i}`]: `${round}` }));
      const statuses = await Promise.all(
        sent.map(async (attributes, i) => {
          const answer = await harness
            .getWorker(NAMES[i % NAMES.length])
            .fetch(`http://gateway.example.com/profiles/${SENLIN}`, {
              method: 'PATCH',
              headers: { ...AUTHORIZED, 'content-type': 'application/merge-patch+json' },
              body: JSON.stringify({ attributes }),
            });
          await answer.arrayBuffer();
          return answer.status;
        }),
      );
      const stored = storedAttributes(sandboxes);
      for (const [i, status] of statuses.entries()) {
        if (status !== 200) continue;
        applied += 1;
        if (stored[`by${i}`] !== `${round}`) lost += 1;
      }
    }
    return { applied, lost };
  } finally {
    await harness.close();
    await sandboxes.stop();
  }
}

function storedAttributes({ set }: RunningSandboxes): JsonObject {
  const stored = set.byFolder.get('senlin')?.stored(upstreamIdOf(SENLIN));
  return ownObject(stored ?? {}, 'metadata') ?? {};
}
