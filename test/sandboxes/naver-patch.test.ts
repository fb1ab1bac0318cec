import { describe, expect, it } from 'vitest';
import { DISABLED_ID, ID, KEEP, OWN_NRN, serviceError, start } from './naver-requests.ts';

const OWN_ROLE = '5d0d4d80-0000-4000-8000-246e96591a38';
const OTHERS_ROLE = '5d0d4d80-0000-4000-8000-246e96591a39';
const FREE_ROLE = '5d0d4d80-0000-4000-8000-246e96591a3b';
const ROLE_WITHOUT_ACCESS = '5d0d4d80-0000-4000-8000-246e96591a3c';
const SERVER_ROLE = '5d0d4d80-0000-4000-8000-246e96591a3d';
const FREE_NRN = 'nrn:PUB:SubAccount::1234567:Role/84c4f5dd-0000-4000-8000-0000000000a4';
describe('naver sandbox, editing', () => {
  it('resets the duration and detaches the roles when the body leaves them out', async () => {
    const { body } = await start().patch({ description: 'build farm' });
    expect(body).toMatchObject({ description: 'build farm', durationSeconds: 3600 });
    expect(body.roleNrnList).toEqual([]);
    expect(body.name).toBe('profile000');
  });

  const accepted: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['null roles: as they are', { ...KEEP, name: 'abc' }, { name: 'abc', roleNrnList: [OWN_NRN] }],
    ['no roles: all detached', { ...KEEP, roleIdList: [] }, { roleNrnList: [] }],
    ['a list of roles: replaced', { roleIdList: [FREE_ROLE] }, { roleNrnList: [FREE_NRN] }],
    [
      'roles in the order of the account',
      { roleIdList: [FREE_ROLE, OWN_ROLE] },
      { roleNrnList: [OWN_NRN, FREE_NRN] },
    ],
    ['an empty description', { ...KEEP, description: '' }, { description: '' }],
    ['300 bytes of Hangul', { description: '가'.repeat(100) }, { description: '가'.repeat(100) }],
    ['the shortest duration', { durationSeconds: 600 }, { durationSeconds: 600 }],
    ['the longest duration', { durationSeconds: 43_200 }, { durationSeconds: 43_200 }],
    ['a name with digits', { name: 'profile000' }, { name: 'profile000' }],
    ['a name of all signs', { name: 'a._-' }, { name: 'a._-' }],
    ['a name of 30', { name: 'a'.repeat(30) }, { name: 'a'.repeat(30) }],
  ];
  it.each(accepted)('takes %s', async (_name, body, shown) => {
    const { patch, sandbox } = start();
    expect(await patch(body)).toMatchObject({ status: 200, body: shown });
    expect(sandbox.stored(ID)).toMatchObject(shown);
  });

  const refused: [string, unknown][] = [
    ['nothing', {}],
    ['a list', []],
    ['null', null],
    ['enabled', { ...KEEP, enabled: false }],
    ['an unknown key', { ...KEEP, displayName: 'x' }],
    ['a read-only key', { ...KEEP, roleNrnList: [] }],
    ['a null name', { ...KEEP, name: null }],
    ['a null description', { ...KEEP, description: null }],
    ['a null duration', { ...KEEP, durationSeconds: null }],
    ['a name of 2', { name: 'ab' }],
    ['a name of 31', { name: 'a'.repeat(31) }],
    ['a name that starts with a digit', { name: '1abc' }],
    ['a name that starts with a sign', { name: '_abc' }],
    ['a Hangul name', { name: '프로필' }],
    ['a name with a space', { name: 'build farm' }],
    ['a name with a newline at the end', { name: 'abc\n' }],
    ["another profile's name", { name: 'spare.profile-1' }],
    ['301 bytes', { description: 'a'.repeat(301) }],
    ['303 bytes in 101 letters', { description: '가'.repeat(101) }],
    ['half a surrogate pair', { description: '\ud83d' }],
    ['a duration under the range', { durationSeconds: 599 }],
    ['a duration over the range', { durationSeconds: 43_201 }],
    ['a duration with a fraction', { durationSeconds: 1800.5 }],
    ['a duration as text', { durationSeconds: '1800' }],
    ['an unknown role', { roleIdList: [OWN_ROLE.replace('5d', '6d')] }],
    ['a role by its NRN', { roleIdList: [FREE_NRN] }],
    ['a role twice', { roleIdList: [FREE_ROLE, FREE_ROLE] }],
    ['a role of another profile', { roleIdList: [OTHERS_ROLE] }],
    ['a role without External Access', { roleIdList: [ROLE_WITHOUT_ACCESS] }],
    ['a role of another type', { roleIdList: [SERVER_ROLE] }],
    ['roles as text', { roleIdList: FREE_ROLE }],
  ];
  it.each(refused)('refuses %s and writes nothing', async (_name, body) => {
    const { patch, sandbox } = start();
    const before = sandbox.stored(ID);
    expect(await patch(body)).toMatchObject({ status: 400, body: serviceError });
    expect(sandbox.stored(ID)).toEqual(before);
    expect(sandbox.journal()).toEqual([]);
  });

  it.each([
    ['truncated JSON', '{"description":'],
    ['a byte order mark', '\ufeff{"description":"x"}'],
    ['bytes that are not UTF-8', Buffer.from('{"description":"\xff"}', 'latin1')],
    ['no bytes', ''],
    ['a __proto__ key', '{"description":"x","__proto__":{}}'],
  ])('refuses %s', async (_name, bytes) => {
    expect((await start().send({ method: 'PATCH', bytes })).status).toBe(400);
  });

  it.each([
    [null, 415],
    ['text/plain', 415],
    ['application/merge-patch+json', 415],
    ['application/json; charset=iso-8859-1', 415],
    ['application/json;charset=UTF-8', 200],
  ])('answers Content-Type %s with %i', async (contentType, status) => {
    const answer = await start().send({ method: 'PATCH', body: { name: 'abc' }, contentType });
    expect(answer.status).toBe(status);
  });

  it('lets a role go to another profile only after the first gave it up', async () => {
    const { patch } = start();
    expect((await patch({ roleIdList: [OWN_ROLE] }, DISABLED_ID)).status).toBe(400);
    expect((await patch({ roleIdList: [] })).status).toBe(200);
    const moved = await patch({ roleIdList: [OWN_ROLE] }, DISABLED_ID);
    expect(moved).toMatchObject({ status: 200, body: { roleNrnList: [OWN_NRN] } });
  });

  it('moves updateTime with a change and not without one', async () => {
    const { patch, sandbox } = start();
    const same = await patch({ ...KEEP, name: 'profile000' });
    expect(same).toMatchObject({ status: 200, body: { updateTime: same.body.createTime } });
    expect(sandbox.journal()).toEqual([]);
    const changed = await patch({ ...KEEP, name: 'profile001' });
    expect(changed.body.updateTime).toBe('2026-02-03T04:05:06.789+09:00');
  });
});
