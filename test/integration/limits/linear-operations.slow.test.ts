import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { findOpenCreate } from '../../../src/http/routes/create/open-creates.ts';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { keyPrefix } from '../../../src/profiles/create/create-record.ts';
import type { StateDatabase } from '../../../src/state/state-database.ts';
import { inFolder } from '../../state/sqlite-folder.ts';
import { createInMemoryGateway, UPSTREAM } from '../../support/in-memory.ts';
import { expectLinear } from './growth.ts';

const NERM: JsonObject = {
  vendor: 'nerm',
  baseUrl: `${UPSTREAM}/nerm/api`,
  auth: { method: 'token', token: 'a-token-not-real' },
  // Lost answers are meant here.
  limits: { circuitBreaker: { failureRatio: 1, minimumRequests: 10_000 } },
};
const TYPE = '5c7e9a10-2b4d-4f6a-8c0e-1a3b5d7f9e76';
/** So many that a profile takes longer than what is always done. */
const PROFILE_MEMBERS = 100;

type Vendor = {
  /** Profiles that are there before a request. */
  readonly listed: readonly JsonObject[];
  /** A create is made, and its answer lost. */
  readonly losesAnswers?: boolean;
};

/** A gateway before a NERM that has the profiles of `listed`, and each new one until the next. */
async function gatewayBefore({ listed, losesAnswers = false }: Vendor) {
  let made: readonly JsonObject[] = [];
  const answer = (body: JsonObject) => new Response(JSON.stringify(body));
  const before = JSON.stringify(listed).slice(0, -1);
  return createInMemoryGateway({
    document: { version: 1, targets: { acme: NERM } },
    fetch: async (request) => {
      if (request.method !== 'POST') {
        const [own] = made;
        const text = own === undefined ? '' : `,${JSON.stringify(own)}`;
        const list = `${before}${text}]`.replace(/^\[,/, '[');
        return new Response(`{"profiles":${list}}`);
      }
      const { profile } = (await request.json()) as { profile: JsonObject };
      made = [{ ...profile, id: idOf(999_999) }];
      if (losesAnswers) throw new Error('lost');
      const [own = {}] = made;
      made = [];
      return answer({ profile: own });
    },
  });
}

function idOf(n: number): string {
  return `33f072dd-13b4-41e1-8ea0-${String(n).padStart(12, '0')}`;
}

function profiles(count: number): JsonObject[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ id: idOf(i), uid: `u${i}`, name: 'Robin', status: 'active', profile_type_id: TYPE },
    attributes: members(PROFILE_MEMBERS),
  }));
}

function members(count: number): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, `value ${i}`]));
}

function newProfile(attributes: JsonObject): JsonObject {
  const extensions = { nerm: { profile_type_id: TYPE } };
  return { target: 'acme', name: 'Robin', status: 'active', attributes, extensions };
}

test('a list of many profiles', async () => {
  await expectLinear(18, async (count) => {
    const gateway = await gatewayBefore({ listed: profiles(count) });
    return async () => {
      const { body } = await gateway.ask('GET', `/profiles?target=acme&limit=${count}`);
      expect(body.profiles).toHaveLength(count);
    };
  });
});

test('a create with many members', async () => {
  await expectLinear(300, async (count) => {
    const gateway = await gatewayBefore({ listed: [] });
    const text = JSON.stringify(newProfile(members(count)));
    return async () => {
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const answer = await gateway.ask('POST', '/profiles', { headers, text });
      expect(answer.status, answer.text).toBe(201);
    };
  });
});

test('a search for a create that lost its answer, among many profiles of its name', async () => {
  // NERM shows less than 500 of a name.
  await expectLinear(18, async (count) => {
    const listed = profiles(count);
    const text = JSON.stringify(newProfile({ own: 'yes' }));
    return async () => {
      const gateway = await gatewayBefore({ listed, losesAnswers: true });
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const answer = await gateway.ask('POST', '/profiles', { headers, text });
      expect(answer.text).toContain('"evidence":"read_back"');
    };
  });
});

test(
  'a look for an open create, among many of its target',
  inFolder(async (folder) => {
    const target = { name: 'acme', writeNamespace: 'nerm acme', formerNamespace: undefined };
    const open: StateDatabase[] = [];
    await expectLinear(500, async (count) => {
      const path = join(folder, `${count}.db`);
      const options = { path, durability: 'process', timeoutMs: 2_000 } as const;
      const database = await openSqliteDatabase(options);
      open.push(database);
      for (let i = 0; i < count; i += 1) {
        await database.raiseDoubt(`${keyPrefix(target.writeNamespace)}${i}`, 3_600_000);
      }
      return async () => {
        expect(await findOpenCreate(database, target, 'another')).toBeUndefined();
      };
    });
    for (const database of open) await database.close();
  }),
);
