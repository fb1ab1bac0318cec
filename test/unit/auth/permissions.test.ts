import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  call,
  errorsOf,
  expectProblem,
  MERGE_PATCH,
  part,
  patch,
  read,
} from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { IAM, iamTarget, NAVER, NERM, SENLIN, upstreamIdOf } from '../../support/profiles.ts';

const both = ['profiles:read', 'profiles:write'];
const KEYS = {
  anybody: 'key-of-anybody-0001',
  people: 'key-of-people-0001',
  names: 'key-of-names-0001',
  owners: 'key-of-owners-0001',
  roles: 'key-of-roles-0001',
  wide: 'key-of-wide-0001',
  auditor: 'key-of-auditor-0001',
};

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    targets: { 'iam-status': iamTarget('iam', 'sandbox-password', true) },
    defaultTarget: 'senlin-demo',
    callers: {
      anybody: { key: KEYS.anybody, scopes: both },
      people: { key: KEYS.people, scopes: both, targets: ['nerm-*', 'hr-*'] },
      names: { key: KEYS.names, scopes: both, fields: { allow: ['/name'] } },
      owners: { key: KEYS.owners, scopes: both, fields: { allow: ['/attributes/owner'] } },
      roles: {
        key: KEYS.roles,
        scopes: both,
        fields: { allow: ['/extensions/naver/roleIdList', '/status'] },
      },
      wide: { key: KEYS.wide, scopes: both, fields: { allow: ['/extensions', '/name'] } },
      auditor: { key: KEYS.auditor, scopes: [...both, 'admin'], targets: ['nerm-*'] },
    },
  });
});
afterAll(() => gateway.stop());

const bearer = (caller: keyof typeof KEYS) => ({ authorization: `Bearer ${KEYS[caller]}` });
const get = (path: string, caller: keyof typeof KEYS) =>
  call(gateway.origin, path, { headers: bearer(caller) });
const explain = (id: string, caller: keyof typeof KEYS, query = '') =>
  call(gateway.origin, `/profiles/${id}/explain${query}`, {
    method: 'POST',
    headers: { ...MERGE_PATCH, ...bearer(caller) },
    body: '{"name":"explained"}',
  });

/** Runs `use` and checks that nothing reached a vendor. */
async function sendsNothing(use: () => Promise<void>): Promise<void> {
  const seen = gateway.upstream.length;
  await use();
  expect(gateway.upstream.length).toBe(seen);
}

describe('targets of others', () => {
  it('are refused alike whether they are there or not, and nothing is sent', async () => {
    await sendsNothing(async () => {
      const seen = new Set<unknown>();
      const ids = [SENLIN, IAM, 'nowhere:1', 'senlin-demo:no-id', `:${NERM}`, upstreamIdOf(SENLIN)];
      for (const id of ids) {
        const answers = [
          await read(gateway.origin, id, bearer('people')),
          await patch(gateway.origin, id, { name: 'x' }, bearer('people')),
          await explain(id, 'people'),
          await explain(id, 'people', '?read=true'),
          await get(`/capabilities/${id.split(':')[0]}`, 'people'),
        ];
        for (const answer of id.includes(':') ? answers : answers.slice(0, 4)) {
          if (answer.status === 404 && answer.json.code === 'not_found') continue;
          expectProblem(answer, 403, 'forbidden');
          seen.add(JSON.stringify({ ...answer.json, requestId: '' }));
        }
      }
      expect(seen.size).toBe(1);
      expect([...seen].join()).not.toMatch(/senlin|iam|nowhere/);
    });
  });

  it('are not among the capabilities', async () => {
    const names = async (caller: keyof typeof KEYS) => {
      const { targets } = (await get('/capabilities', caller)).json;
      return Array.isArray(targets) ? targets.map((target) => Object(target).target) : [];
    };
    expect(await names('people')).toEqual(['nerm-demo']);
    expect(await names('anybody')).toEqual(expect.arrayContaining(['nerm-demo', 'naver-demo']));
    expect((await get('/capabilities/nerm-demo', 'people')).status).toBe(200);
  });

  it('are not named as able to take a field', async () => {
    const supporters = async (caller: keyof typeof KEYS) => {
      const answer = await patch(gateway.origin, NERM, { description: 'x' }, bearer(caller));
      expectProblem(answer, 422, 'unsupported_patch');
      return errorsOf(answer)[0]?.supportedBy;
    };
    await sendsNothing(async () => {
      expect(await supporters('people')).toEqual([]);
      expect(await supporters('anybody')).toEqual(
        expect.arrayContaining(['iam-demo', 'naver-demo']),
      );
    });
  });

  it('of which a caller has none by a name that it may use are unknown', async () => {
    expectProblem(await get('/capabilities/hr-eu', 'people'), 404, 'unknown_target');
    expectProblem(await read(gateway.origin, 'hr-eu:1', bearer('people')), 404, 'unknown_target');
  });

  it('may be explained to admin, but are not read for it', async () => {
    await sendsNothing(async () => {
      const answer = await explain(SENLIN, 'auditor');
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({ target: 'senlin-demo', route: expect.any(Array) });
      expectProblem(await explain(SENLIN, 'auditor', '?read=true'), 403, 'forbidden');
      expectProblem(await read(gateway.origin, SENLIN, bearer('auditor')), 403, 'forbidden');
    });
    expect((await explain(NERM, 'auditor', '?read=true')).status).toBe(200);
    const plain = await explain(NERM, 'people');
    expect(plain.status).toBe(200);
    expect(plain.json).not.toHaveProperty('route');
  });
});

describe('fields', () => {
  const refusedFields = async (
    id: string,
    caller: keyof typeof KEYS,
    body: string,
    headers: Record<string, string> = {},
  ) => {
    let pointers: unknown[] = [];
    await sendsNothing(async () => {
      const answer = await patch(gateway.origin, id, body, { ...bearer(caller), ...headers });
      expectProblem(answer, 403, 'field_forbidden');
      expect(answer.json).toMatchObject({ outcome: 'rejected' });
      const errors = errorsOf(answer);
      expect(errors.every(({ code }) => code === 'forbidden')).toBe(true);
      pointers = errors.map(({ pointer }) => pointer);
    });
    return pointers;
  };

  it('that are not allowed refuse the whole patch with their pointers', async () => {
    const body = '{"name":"n","attributes":{"name":"x","a/b":"y"},"status":"active"}';
    const forbidden = ['/attributes/name', '/attributes/a~1b', '/status'];
    expect(await refusedFields(NERM, 'names', body)).toEqual(forbidden);
    const lenient = { prefer: 'handling=lenient' };
    expect(await refusedFields(NERM, 'names', body, lenient)).toEqual(forbidden);
    expect((await patch(gateway.origin, NERM, { name: 'n' }, bearer('names'))).status).toBe(200);
  });

  it('are allowed by what stands above them at a slash, and not by what stands below', async () => {
    for (const key of ['owner2', 'own', 'owner/x', 'Owner']) {
      const body = JSON.stringify({ attributes: { [key]: 'x' } });
      expect(await refusedFields(SENLIN, 'owners', body)).toHaveLength(1);
    }
    expect(await refusedFields(SENLIN, 'owners', '{"attributes":null}')).toEqual(['/attributes']);
    const nested = { attributes: { owner: { team: 'blue' } } };
    expect((await patch(gateway.origin, SENLIN, nested, bearer('owners'))).status).toBe(200);
  });

  it('of which a caller may write none can still be read', async () => {
    const answer = await read(gateway.origin, NERM, bearer('owners'));
    expect(Object.keys(part(answer, 'profile'))).toContain('name');
  });

  it('that are sensitive need their own pointer', async () => {
    const roles = '{"extensions":{"naver":{"roleIdList":[]}}}';
    for (const caller of ['anybody', 'wide', 'names'] as const) {
      const pointers = await refusedFields(NAVER, caller, roles);
      expect(pointers).toEqual(['/extensions/naver/roleIdList']);
    }
    const written = await patch(gateway.origin, NAVER, roles, bearer('roles'));
    expect(written.status).toBe(200);
    const duration = '{"extensions":{"naver":{"durationSeconds":3600}}}';
    expect((await patch(gateway.origin, NAVER, duration, bearer('wide'))).status).toBe(200);
    expect((await patch(gateway.origin, NAVER, duration, bearer('anybody'))).status).toBe(200);
  });

  it('may be sensitive at one target and not at another', async () => {
    const iam = IAM.replace('iam-demo', 'iam-status');
    expect(await refusedFields(iam, 'anybody', '{"status":"inactive"}')).toEqual(['/status']);
    expect((await patch(gateway.origin, iam, '{"status":"active"}', bearer('roles'))).status).toBe(
      200,
    );
    expect(
      (await patch(gateway.origin, NERM, '{"status":"active"}', bearer('anybody'))).status,
    ).toBe(200);
  });

  it('that a caller may not write elsewhere are not offered there', async () => {
    const roles = '{"extensions":{"naver":{"roleIdList":[]}}}';
    const answer = await patch(gateway.origin, NERM, roles, bearer('anybody'));
    expectProblem(answer, 422, 'unsupported_patch');
    expect(errorsOf(answer)[0]?.supportedBy).toEqual([]);
    const allowed = await patch(gateway.origin, NERM, roles, bearer('roles'));
    expect(errorsOf(allowed)[0]?.supportedBy).toEqual(['naver-demo']);
  });

  it('are refused in an explanation too', async () => {
    const answer = await explain(NERM, 'owners');
    expect(answer.status).toBe(200);
    const problem = { code: 'field_forbidden', errors: [{ pointer: '/name', code: 'forbidden' }] };
    expect(answer.json).toMatchObject({ prediction: 'rejected', requests: [], problem });
  });
});

it('an explanation needs the scope to write', async () => {
  const own = await startGateway({
    callers: { a: { key: KEYS.anybody, scopes: ['profiles:read', 'admin'] } },
  });
  try {
    const headers = { ...MERGE_PATCH, ...bearer('anybody') };
    const path = `/profiles/${NERM}/explain`;
    const answer = await call(own.origin, path, { method: 'POST', headers, body: '{}' });
    expectProblem(answer, 403, 'forbidden');
  } finally {
    await own.stop();
  }
});
