import { beforeEach, describe, expect, test } from 'vitest';
import { BODY_BYTES_MAX } from '../../adapters/nerm/sandbox/index.ts';
import { SEEDED_IDS, SEEDED_TYPE_IDS, SEEDED_USER_IDS } from '../../adapters/nerm/sandbox/seeds.ts';
import type { JsonObject } from '../../src/adapter-kit/json.ts';
import { BEARER, requestsTo, START_MS, startSandbox } from './nerm-requests.ts';

const ABSENT_ID = '00000000-0000-4000-8000-000000000000';
const NOT_FOUND = { error: 'profile not found' };
const MISSING = { error: 'param is missing or the value is empty: profile' };
const INVALID = { error: 'Invalid JSON syntax. Please check your syntax and try again.' };
const { sam, robin } = SEEDED_USER_IDS;

let started = startSandbox();
beforeEach(() => {
  started = startSandbox();
});
const { call, send, read, patch } = requestsTo(() => started.sandbox);

describe('reading', () => {
  test('shows the wrapped profile in the published field order, never `archived`', async () => {
    const { status, body } = await read(SEEDED_IDS.plain);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['profile']);
    expect(Object.keys(body.profile)).toEqual([
      'id',
      'uid',
      'name',
      'profile_type_id',
      'status',
      'id_proofing_status',
      'created_at',
      'updated_at',
      'attributes',
    ]);
    expect(body.profile.updated_at).toBe('2026-02-03T10:20:30.456-05:00');
    expect(started.sandbox.stored(SEEDED_IDS.plain)?.archived).toBe(false);
  });

  test('shows references as names joined by a bare comma, and a key of no attribute', async () => {
    const { body } = await read(SEEDED_IDS.assignment);
    expect(body.profile.attributes).toEqual({
      'Non-Employee Profile ID': SEEDED_IDS.plain,
      start_date: '31-01-2026',
      languages: 'de, ko',
      employer: 'Example Staffing',
      colleagues: 'Dana Example,Noor Example',
      sponsor: 'Sam Sponsor (sam@example.com)',
      approvers: 'Sam Sponsor (sam@example.com),Lee, Robin (robin.lee@example.com)',
    });
  });

  test.each([
    ['unknown', ABSENT_ID],
    ['archived', SEEDED_IDS.archived],
    ['not a UUID', 'dana'],
    ['in capitals', SEEDED_IDS.plain.toUpperCase()],
  ])('an id that is %s is 400, for GET and PATCH', async (_, id) => {
    expect(await read(id)).toEqual({ status: 400, body: NOT_FOUND });
    expect(await patch({ archived: false }, id)).toEqual({ status: 400, body: NOT_FOUND });
    expect(started.sandbox.journal()).toEqual([]);
  });
});

describe('bodies that are refused before the fields are looked at', () => {
  test.each([
    ['cut off', '{"profile":', INVALID],
    ['two values', '{}{}', INVALID],
    ['byte order mark', '\uFEFF{"profile":{"name":"A"}}', INVALID],
    ['empty', '', MISSING],
    ['no wrapper', '{"name":"A"}', MISSING],
    ['empty wrapper', '{"profile":{}}', MISSING],
    ['null wrapper', '{"profile":null}', MISSING],
    ['array wrapper', '{"profile":[{"name":"A"}]}', MISSING],
    ['text wrapper', '{"profile":"A"}', MISSING],
    ['null', 'null', MISSING],
    ['array', '[1]', MISSING],
  ])('%s', async (_, text, body) => {
    expect(await send('PATCH', SEEDED_IDS.plain, text)).toEqual({ status: 400, body });
    expect(started.sandbox.journal()).toEqual([]);
  });

  test('another media type leaves the parameters missing', async () => {
    const text = '{"profile":{"name":"A"}}';
    expect(await send('PATCH', SEEDED_IDS.plain, text, 'application/merge-patch+json')).toEqual({
      status: 400,
      body: MISSING,
    });
    const accepted = 'application/json; charset=utf-8';
    expect((await send('PATCH', SEEDED_IDS.plain, text, accepted)).status).toBe(200);
  });

  test.each([
    ['half a surrogate pair in an attribute', '{"profile":{"attributes":{"remarks":"\\ud800"}}}'],
    ['half a surrogate pair in a name', '{"profile":{"name":"x\\udc00"}}'],
    ['half a surrogate pair in a key', '{"profile":{"attributes":{"\\ud800":"x"}}}'],
    ['NUL in an attribute', '{"profile":{"attributes":{"remarks":"a\\u0000b"}}}'],
    ['NUL in a name', '{"profile":{"name":"\\u0000"}}'],
  ])('%s', async (_, body) => {
    const headers = { Authorization: BEARER, 'Content-Type': 'application/json' };
    const path = `/api/profiles/${SEEDED_IDS.plain}`;
    expect((await call('PATCH', path, { headers, body })).status).toBe(400);
    expect(started.sandbox.journal()).toEqual([]);
  });

  test('a body over the bound is 413', async () => {
    const response = await call('PATCH', `/api/profiles/${SEEDED_IDS.plain}`, {
      headers: { Authorization: BEARER, 'Content-Type': 'application/json' },
      body: JSON.stringify({ profile: { name: 'A'.repeat(BODY_BYTES_MAX) } }),
    });
    expect(response.status).toBe(413);
  });
});

describe('values that are refused', () => {
  test.each<[JsonObject, Record<string, string>]>([
    [{ status: 'active' }, { status: 'is not included in the list' }],
    [{ status: 'On leave' }, { status: 'is not included in the list' }],
    [{ status: 'Leave of absence' }, { status: 'is not included in the list' }],
    [{ status: null }, { status: "can't be blank" }],
    [{ id_proofing_status: 'Pass' }, { id_proofing_status: 'is not included in the list' }],
    [{ name: '' }, { name: "can't be blank" }],
    [{ name: null }, { name: "can't be blank" }],
    [{ name: 7 }, { name: 'must be a string' }],
    [{ archived: 'true' }, { archived: 'must be a boolean' }],
    [{ archived: null }, { archived: 'must be a boolean' }],
    [{ profile_type_id: ABSENT_ID }, { profile_type_id: 'must exist' }],
    [{ attributes: null }, { attributes: 'must be an object' }],
    [{ attributes: [] }, { attributes: 'must be an object' }],
    [{ uid: 'x' }, { uid: 'is not permitted' }],
    [{ id: SEEDED_IDS.plain }, { id: 'is not permitted' }],
    [{ description: 'x' }, { description: 'is not permitted' }],
    [
      { profile_type_id: SEEDED_TYPE_IDS.computedName },
      { first_name: "can't be blank", last_name: "can't be blank" },
    ],
  ])('field %j', async (fields, errors) => {
    await expectRefused({ ...fields }, errors);
  });

  test.each<[string, unknown, string]>([
    ['cost_centre', null, 'must be a string'],
    ['cost_centre', 4711, 'must be a string'],
    ['cost_centre', true, 'must be a string'],
    ['cost_centre', {}, 'must be a string'],
    ['cost_centre', ['4711'], 'must be a string'],
    ['Cost Centre', '4711', 'is not an attribute'],
    ['no_such_uid', '', 'is not an attribute'],
    ['constructor', 'x', 'is not an attribute'],
    ['Non-Employee Profile ID', 'x', 'is not an attribute'],
    ['signed_contract', 'x', 'must be uploaded'],
    ['end_date', '2026-12-31', 'must look like mm/dd/yyyy'],
    ['end_date', '31/12/2026', 'must look like mm/dd/yyyy'],
    ['end_date', '2/3/2026', 'must look like mm/dd/yyyy'],
    ['end_date', '12/00/2026', 'must look like mm/dd/yyyy'],
    ['start_date', '31/01/2026', 'must look like dd-mm-yyyy'],
    ['review_date', '2026-02-29', 'must look like yyyy-mm-dd'],
    ['contract_kind', 'Fixed', 'is not included in the list'],
    ['contract_kind', 'fixed, open', 'is not included in the list'],
    ['languages', 'de,ko', 'is not included in the list'],
    ['sponsor', 'Sam Sponsor (sam@example.com)', 'must exist'],
    ['sponsor', `${sam}, ${robin}`, 'must exist'],
    ['sponsor', SEEDED_IDS.plain, 'must exist'],
    ['approvers', `${sam},${robin}`, 'must exist'],
    ['employer', 'Example Staffing', 'must exist'],
    ['employer', SEEDED_IDS.archived, 'must exist'],
  ])('attribute %s: %j', async (uid, value, complaint) => {
    await expectRefused({ attributes: { [uid]: value } }, { [uid]: complaint });
  });

  test('one complaint refuses the whole patch, and all complaints are named', async () => {
    await expectRefused(
      { name: 'New', status: 'gone', attributes: { nickname: 'N', cost_centre: 1 } },
      { status: 'is not included in the list', cost_centre: 'must be a string' },
    );
  });

  async function expectRefused(profile: unknown, errors: Record<string, string>) {
    const before = started.sandbox.stored(SEEDED_IDS.plain);
    expect(await patch(profile)).toEqual({
      status: 400,
      body: { error: 'The Profile failed to create/update', errors },
    });
    expect(started.sandbox.stored(SEEDED_IDS.plain)).toEqual(before);
    expect(started.sandbox.journal()).toEqual([]);
  }
});

describe('writing', () => {
  test.each<[string, unknown, string, string]>([
    ['cost_centre', '4711', '4711', '4711'],
    ['end_date', '02/28/2027', '02/28/2027', '02/28/2027'],
    ['review_date', '2028-02-29', '2028-02-29', '2028-02-29'],
    ['languages', 'fr, en', 'fr, en', 'fr, en'],
    ['labels', 'a, b', 'a, b', 'a, b'],
    ['deputy', robin, robin, 'Lee, Robin (robin.lee@example.com)'],
    ['employer', SEEDED_IDS.organisation, SEEDED_IDS.organisation, 'Example Staffing'],
    [
      'colleagues',
      `${SEEDED_IDS.organisation}, ${SEEDED_IDS.computedName}`,
      `${SEEDED_IDS.organisation}, ${SEEDED_IDS.computedName}`,
      'Example Staffing,Noor Example',
    ],
  ])('attribute %s takes %j', async (uid, value, stored, shown) => {
    const before = (await read(SEEDED_IDS.plain)).body.profile;
    const { status, body } = await patch({ attributes: { [uid]: value } });
    expect(status).toBe(200);
    expect(body.profile.attributes).toEqual({ ...before.attributes, [uid]: shown });
    expect(body.profile).toEqual((await read(SEEDED_IDS.plain)).body.profile);
    expect(started.sandbox.stored(SEEDED_IDS.plain)?.attributes).toMatchObject({ [uid]: stored });
  });

  test('each field is optional, `updated_at` moves with an offset and milliseconds', async () => {
    const before = (await read(SEEDED_IDS.plain)).body.profile;
    const { body } = await patch({ status: 'On Leave' });
    const updated_at = '2026-05-01T07:00:00.250-05:00';
    expect(body.profile).toEqual({ ...before, status: 'On Leave', updated_at });
    expect(Date.parse(updated_at)).toBe(START_MS);
  });

  test('an empty text clears: the attribute is absent, its neighbours stay', async () => {
    const { body } = await patch({ attributes: { nickname: '' } });
    expect(body.profile.attributes).toEqual({ cost_centre: '4700', end_date: '12/31/2026' });
  });

  test.each<[string, JsonObject]>([
    ['the same values', { name: 'Dana Example', attributes: { cost_centre: '4700' } }],
    ['no attributes', { attributes: {} }],
    ['clearing what is absent', { attributes: { remarks: '' } }],
    ['not archived', { archived: false }],
  ])('%s: 200 without a profile, nothing touched', async (_, fields) => {
    const before = started.sandbox.stored(SEEDED_IDS.plain);
    const { status, body } = await patch(fields);
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('profile');
    expect(started.sandbox.stored(SEEDED_IDS.plain)).toEqual(before);
    expect(started.sandbox.journal()).toEqual([]);
  });

  test('archiving answers the profile once, then it is gone for GET and PATCH', async () => {
    const { status, body } = await patch({ archived: true });
    expect(status).toBe(200);
    expect(body.profile).not.toHaveProperty('archived');
    expect(await read(SEEDED_IDS.plain)).toEqual({ status: 400, body: NOT_FOUND });
    expect(await patch({ archived: false })).toEqual({ status: 400, body: NOT_FOUND });
    expect(started.sandbox.stored(SEEDED_IDS.plain)?.archived).toBe(true);
  });
});

describe('a type that computes the name', () => {
  const id = SEEDED_IDS.computedName;

  test('a name sent along is overruled by the computed one', async () => {
    const { status, body } = await patch({ name: 'X', attributes: { last_name: 'Sample' } }, id);
    expect(status).toBe(200);
    expect(body.profile.name).toBe('Noor Sample');
  });

  test('a name alone answers the computed one and touches nothing', async () => {
    const before = (await read(id)).body;
    expect(await patch({ name: 'X' }, id)).toEqual({ status: 200, body: before });
    expect(started.sandbox.journal()).toEqual([]);
  });

  test('the parts of the name cannot be cleared', async () => {
    const { status, body } = await patch({ attributes: { first_name: '' } }, id);
    expect(status).toBe(400);
    expect(body.errors).toEqual({ first_name: "can't be blank" });
  });
});
