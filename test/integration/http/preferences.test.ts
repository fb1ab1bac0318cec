import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, part, patch } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { IAM, KEYSTONE, keystoneTarget, NAVER, NERM } from '../../support/profiles.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({ targets: { 'keystone-demo': keystoneTarget } });
});
afterAll(() => gateway.stop());

describe('Prefer', () => {
  it('handling=lenient sends what fits and tells the rest', async () => {
    const body = { description: 'x', attributes: { cost_centre: 4711, remarks: true, labels: [] } };
    const answer = await patch(gateway.origin, NERM, body, { prefer: 'handling=lenient' });
    expect(answer.headers['preference-applied']).toBe('handling=lenient');
    expect(part(answer, 'profile').attributes).toMatchObject({
      cost_centre: '4711',
      remarks: 'true',
    });
    expect(part(answer, 'write')).toMatchObject({
      outcome: 'applied',
      losses: [
        { pointer: '/attributes/cost_centre', kind: 'coerced' },
        { pointer: '/attributes/remarks', kind: 'coerced' },
        { pointer: '/description', kind: 'dropped' },
        { pointer: '/attributes/labels', kind: 'dropped' },
      ],
    });
  });

  it('handling=lenient drops what does not fit the profile as it is', async () => {
    const body = { name: 'eu-nl_demo', description: 'lenient' };
    const answer = await patch(gateway.origin, IAM, body, { prefer: 'handling=lenient' });
    expect(answer.json).toMatchObject({
      profile: { name: 'eu-de_demo', description: 'lenient' },
      write: { losses: [{ pointer: '/name', kind: 'dropped' }] },
    });
  });

  it('handling=lenient lists the losses of a write that fails too', async () => {
    const body = { name: 'a_b c', status: 'inactive', attributes: { cost: '1' } };
    const answer = await patch(gateway.origin, NAVER, body, { prefer: 'handling=lenient' });
    expectProblem(answer, 502, 'partially_applied');
    expect(answer.json).toMatchObject({
      applied: ['/status'],
      notApplied: ['/name'],
      losses: [{ pointer: '/attributes/cost', kind: 'dropped' }],
    });
  });

  it('handling=lenient is refused when nothing is left to send', async () => {
    const seen = gateway.upstream.length;
    const headers = { prefer: 'handling=lenient' };
    const answer = await patch(gateway.origin, NAVER, { attributes: { a: 1 } }, headers);
    expectProblem(answer, 422, 'unsupported_patch');
    expect(answer.json.notApplied).toEqual(['/attributes/a']);
    expect(gateway.upstream.length).toBe(seen);
  });

  it.each<[string, string | undefined]>([
    ['handling=strict', 'handling=strict'],
    ['return=minimal', 'return=minimal'],
    ['return=representation', 'return=representation'],
    ['handling="lenient"; a=b, RETURN=minimal', 'handling=lenient, return=minimal'],
    ['atomic, handling=strict, handling=lenient', 'handling=strict, atomic'],
    ['respond-async, wait=10', undefined],
    ['handling=sloppy', undefined],
    [',;=,,', undefined],
  ])('%s is answered by Preference-Applied: %s', async (prefer, applied) => {
    const answer = await patch(gateway.origin, KEYSTONE, { description: prefer }, { prefer });
    expect(answer.status).toBe(200);
    expect(answer.headers['preference-applied']).toBe(applied);
    const isMinimal = applied?.includes('return=minimal') === true;
    expect(Object.keys(answer.json)).toEqual(isMinimal ? ['write'] : ['profile', 'write']);
    expect(answer.headers.etag).toBeDefined();
  });
});
