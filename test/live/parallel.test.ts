import { describe, expect, it } from 'vitest';
import { count } from '../support/counts.ts';
import { createLiveGateway, type LiveGateway } from './live-gateway.ts';
import { lostOf } from './lost-keys.ts';
import { realServers } from './targets.ts';

const servers = realServers(process.env);
const ROUNDS = count(25, 500);

describe.skipIf(servers === undefined)('parallel patches of one profile at a real Senlin', () => {
  it(`lose nothing in ${ROUNDS} rounds through the gateway`, async () => {
    const live: LiveGateway = await createLiveGateway(servers ?? {});
    const id = await live.createProfile();
    let lost = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      // Each round clears the last one's attributes, so that the map stays small.
      await live.call('PATCH', `senlin-live:${id}`, '{"attributes":null}');
      lost += await lostOf(
        round,
        (attributes) => live.call('PATCH', `senlin-live:${id}`, JSON.stringify({ attributes })),
        async () => (await live.call('GET', `senlin-live:${id}`)).body.profile?.attributes ?? {},
      );
    }
    expect(lost).toBe(0);
  }, 1_200_000);

  it('lose some when they are sent directly, so the rounds above can fail', async () => {
    const live = await createLiveGateway(servers ?? {});
    const url = `${servers?.senlin}/v1/profiles/${await live.createProfile()}`;
    const metadata = async (): Promise<object> =>
      (await live.direct('GET', url)).body.profile?.metadata ?? {};
    let lost = 0;
    for (let round = 0; round < 25 && lost === 0; round += 1) {
      lost += await lostOf(
        round,
        async (added) =>
          live.direct('PATCH', url, { profile: { metadata: { ...(await metadata()), ...added } } }),
        metadata,
      );
    }
    expect(lost).toBeGreaterThan(0);
  }, 120_000);
});
