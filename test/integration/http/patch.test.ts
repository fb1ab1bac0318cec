import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEEDED_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { expectProblem, part, patch, read } from '../../support/client.ts';
import { found, type RunningGateway, startGateway } from '../../support/gateway.ts';
import {
  changesSeen,
  IAM,
  KEYSTONE,
  keystoneTarget,
  NAVER,
  NERM,
  SENLIN,
  upstreamIdOf,
  writesSince,
} from '../../support/profiles.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({ targets: { 'keystone-demo': keystoneTarget } });
});
afterAll(() => gateway.stop());

function stored(folder: string, id: string): JsonObject {
  return found(gateway.sandbox(folder).stored(upstreamIdOf(id)));
}

describe('null and ""', () => {
  const cleared: [string, string, string, JsonObject, JsonObject, JsonObject][] = [
    [
      'a key of senlin attributes',
      'senlin',
      SENLIN,
      { attributes: { a: '1', b: '2' } },
      { attributes: { a: null } },
      { metadata: { b: '2' } },
    ],
    [
      'a senlin attribute that is ""',
      'senlin',
      SENLIN,
      { attributes: { a: '1' } },
      { attributes: { a: '' } },
      { metadata: { a: '', b: '2' } },
    ],
    [
      'all senlin attributes',
      'senlin',
      SENLIN,
      { attributes: { a: '1' } },
      { attributes: null },
      { metadata: {} },
    ],
    [
      'a nerm attribute by null',
      'nerm',
      NERM,
      { attributes: { nickname: 'Dee' } },
      { attributes: { nickname: null } },
      { attributes: { cost_centre: '4700', end_date: '12/31/2026' } },
    ],
    [
      'a nerm attribute by ""',
      'nerm',
      NERM,
      { attributes: { remarks: 'x' } },
      { attributes: { remarks: '' } },
      { attributes: { cost_centre: '4700', end_date: '12/31/2026' } },
    ],
    [
      'an iam description by null',
      'iam',
      IAM,
      { description: 'x' },
      { description: null },
      { description: '' },
    ],
    [
      'an iam description by ""',
      'iam',
      IAM,
      { description: 'x' },
      { description: '' },
      { description: '' },
    ],
    [
      'a keystone description',
      'keystone',
      KEYSTONE,
      { description: 'x' },
      { description: null },
      { description: '' },
    ],
    [
      'a naver description',
      'naver',
      NAVER,
      { description: 'x' },
      { description: null },
      { description: '', durationSeconds: 1800 },
    ],
    [
      'the roles of naver',
      'naver',
      NAVER,
      { description: 'x' },
      { extensions: { naver: { roleIdList: null } } },
      { roleNrnList: [], description: 'x', durationSeconds: 1800 },
    ],
  ];
  it.each(cleared)('clear %s', async (_, folder, id, first, second, expected) => {
    expect((await patch(gateway.origin, id, first)).status).toBe(200);
    const answer = await patch(gateway.origin, id, second);
    expect(part(answer, 'write')).toMatchObject({ outcome: 'applied', unconfirmed: [] });
    expect(stored(folder, id)).toEqual({ ...stored(folder, id), ...expected });
    const shown = part(await read(gateway.origin, id), 'profile');
    expect(shown).toEqual(answer.json.profile);
    if ('description' in second) expect(shown.description).toBeUndefined();
  });
});

describe('names and numbers', () => {
  it('such as __proto__ are keys like any other', async () => {
    const text = '{"attributes":{"__proto__":{"polluted":true},"constructor":"c","toString":null}}';
    const answer = await patch(gateway.origin, SENLIN, text);
    expect(part(answer, 'write').outcome).toBe('applied');
    expect(answer.text).toContain('"__proto__":{"polluted":true}');
    const metadata = JSON.stringify(stored('senlin', SENLIN).metadata);
    expect(metadata).toContain('"__proto__":{"polluted":true}');
    expect(metadata).toContain('"constructor":"c"');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    const removed = await patch(gateway.origin, SENLIN, '{"attributes":{"__proto__":null}}');
    expect(removed.text).not.toContain('__proto__');
    expect(removed.text).toContain('"constructor":"c"');
  });

  it('such as __proto__ at the top are no field', async () => {
    for (const [text, pointer] of [
      ['{"__proto__":{"name":"x"}}', '/__proto__'],
      ['{"constructor":1}', '/constructor'],
      ['{"extensions":{"__proto__":{}}}', '/extensions/__proto__'],
      ['{"extensions":{"naver":{"__proto__":1}}}', '/extensions/naver/__proto__'],
    ] as const) {
      const answer = await patch(gateway.origin, NAVER, text);
      expectProblem(answer, 422, 'invalid_patch');
      expect(answer.json.errors).toMatchObject([{ pointer, code: 'unknown_field' }]);
    }
  });

  it('keep their text, the written ones and their neighbours', async () => {
    const text =
      '{"attributes":{"price":1.50,"tiny":1e-7,"big":1E3,"zero":-0,"list":[1.0,{"x":2.0}]}}';
    const written = await patch(gateway.origin, SENLIN, text);
    expect(part(written, 'write')).toMatchObject({ outcome: 'applied', unconfirmed: [] });
    const id = upstreamIdOf(SENLIN);
    const rawNumbers = { ratio: JSON.rawJSON('2.0'), id: JSON.rawJSON('12345678901234567890') };
    gateway.sandbox('senlin').outsideWrite(id, { metadata: rawNumbers });
    const answer = await patch(gateway.origin, SENLIN, { attributes: { other: 'x' } });
    expect(answer.text).toContain('"ratio":2.0');
    expect(answer.text).toContain('"id":12345678901234567890');
    const metadata = JSON.stringify(stored('senlin', SENLIN).metadata);
    expect(metadata).toBe('{"id":12345678901234567890,"ratio":2.0,"other":"x"}');
  });
});

describe('a vendor that says "No Change"', () => {
  it('is believed when its profile is older than the write', async () => {
    const id = `nerm-demo:${SEEDED_IDS.organisation}`;
    const [changes, seen] = [changesSeen(gateway), gateway.upstream.length];
    const answer = await patch(gateway.origin, id, { status: 'active' });
    expect(part(answer, 'write')).toMatchObject({ outcome: 'noop', losses: [] });
    expect(writesSince(gateway, seen)).toHaveLength(1);
    expect(changesSeen(gateway)).toBe(changes);
  });
});

describe('two writes for one patch', () => {
  const naver = { name: 'profile001', status: 'inactive' };
  const iam = { description: 'two', status: 'inactive' };

  it.each([
    ['naver', NAVER, naver],
    ['iam', IAM, iam],
  ])('are refused for %s when they must be one', async (_, id, body) => {
    const [changes, seen] = [changesSeen(gateway), gateway.upstream.length];
    const answer = await patch(gateway.origin, id, body, { prefer: 'atomic' });
    expectProblem(answer, 422, 'not_atomic');
    expect(answer.headers['preference-applied']).toBe('atomic');
    expect(answer.json.outcome).toBe('rejected');
    expect(gateway.upstream.length).toBe(seen);
    expect(changesSeen(gateway)).toBe(changes);
  });

  it('are sent to naver in the safe order: disable first, enable last', async () => {
    const path = `/naver/api/v1/profiles/${upstreamIdOf(NAVER)}`;
    let seen = gateway.upstream.length;
    const off = await patch(gateway.origin, NAVER, naver);
    expect(off.json).toMatchObject({
      profile: naver,
      write: { outcome: 'applied', atomic: false },
    });
    expect(writesSince(gateway, seen)).toEqual([`POST ${path}/disable`, `PATCH ${path}`]);
    seen = gateway.upstream.length;
    const on = await patch(gateway.origin, NAVER, { name: 'profile002', status: 'active' });
    expect(part(on, 'write')).toMatchObject({ outcome: 'applied', atomic: false });
    expect(writesSince(gateway, seen)).toEqual([`PATCH ${path}`, `POST ${path}/enable`]);
    expect(stored('naver', NAVER)).toMatchObject({ name: 'profile002', enabled: true });
  });

  it('are sent to iam with the status last', async () => {
    const seen = gateway.upstream.length;
    const answer = await patch(gateway.origin, IAM, iam);
    expect(answer.json).toMatchObject({
      profile: iam,
      write: { outcome: 'applied', atomic: false },
    });
    const id = upstreamIdOf(IAM);
    expect(writesSince(gateway, seen)).toEqual([
      `PATCH /iam/v3/projects/${id}`,
      `PUT /iam/v3-ext/projects/${id}`,
    ]);
    const atomic = await patch(gateway.origin, IAM, { status: 'active' }, { prefer: 'atomic' });
    expect(part(atomic, 'write')).toMatchObject({ outcome: 'applied', atomic: true });
    expect(atomic.headers['preference-applied']).toBe('atomic');
  });

  it('of which the second is refused end as partial, with both halves named', async () => {
    const answer = await patch(gateway.origin, NAVER, { name: 'a_b c', status: 'inactive' });
    expectProblem(answer, 502, 'partially_applied');
    expect(answer.json).toMatchObject({
      outcome: 'partial',
      target: 'naver-demo',
      applied: ['/status'],
      notApplied: ['/name'],
      upstream: { status: 400, code: '9011' },
    });
    expect(stored('naver', NAVER)).toMatchObject({ name: 'profile002', enabled: false });
  });
});
