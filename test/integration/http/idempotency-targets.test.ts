import { it } from 'vitest';
import { expectProblem, patch } from '../../support/client.ts';
import { withGateway } from '../../support/gateway.ts';
import { NERM, nermTarget, upstreamIdOf } from '../../support/profiles.ts';
import { expectReplay } from './replays.ts';

it('a repeat is answered though its target has become read-only or was drained', async () => {
  await withGateway({ targets: { spare: nermTarget() } }, async (own) => {
    const id = `spare:${upstreamIdOf(NERM)}`;
    const ask = (remarks: string) =>
      patch(own.origin, id, { attributes: { remarks } }, { 'idempotency-key': '"kept"' });
    const first = await ask('kept');
    await own.reload({ targets: { spare: nermTarget({ mode: 'read_only' }) } });
    expectReplay(first, await ask('kept'));
    expectProblem(await ask('other'), 422, 'idempotency_key_reused');
    const unkeyed = await patch(own.origin, id, { attributes: { remarks: 'kept' } });
    expectProblem(unkeyed, 503, 'target_read_only');
    const unknown = await patch(
      own.origin,
      id,
      { attributes: { remarks: 'x' } },
      { 'idempotency-key': 'new' },
    );
    expectProblem(unknown, 503, 'target_read_only');
    await own.reload({ targets: { spare: nermTarget({ mode: 'drained' }) } });
    expectReplay(first, await ask('kept'));
  });
});

it('a repeat is answered where its rule falls back to other targets', async () => {
  const routes = [{ to: 'first', fallback: ['spare'] }];
  const target = nermTarget({ idNamespace: 'people' });
  await withGateway({ routes, targets: { first: target, spare: target } }, async (own) => {
    const ask = (remarks: string) =>
      patch(
        own.origin,
        upstreamIdOf(NERM),
        { attributes: { remarks } },
        { 'idempotency-key': 'k' },
      );
    expectReplay(await ask('routed'), await ask('routed'));
  });
});
