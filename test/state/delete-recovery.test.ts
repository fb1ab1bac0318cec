import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { createLinkTable } from '../../src/routing/link-table.ts';
import type { OpenLinks } from '../../src/routing/links.ts';
import {
  createVendor,
  document,
  ID,
  NEVER,
  type ReplicaOptions,
  startReplica,
  type TestReplica,
} from './replicas.ts';
import { inFolder } from './sqlite-folder.ts';

/** Waits until something holds. */
async function comes(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !holds(); tries += 1) {
    await new Promise((next) => setTimeout(next, 10));
  }
  expect(holds()).toBe(true);
}

const recovered = ({ events }: TestReplica): boolean =>
  events.some(({ kind }) => kind === 'recovered');

const openLinks: OpenLinks = async (_, names) => {
  const table = createLinkTable(names);
  table.add('of-the-file', [{ position: names.indexOf('acme'), upstreamId: ID }]);
  return { ok: true, links: table };
};
const LINKED: ReplicaOptions = {
  document: { ...document, links: 'of the test' } satisfies JsonObject,
  openLinks,
};

/** A vendor that answers no delete, and shows the profile until it is deleted. */
function createDirectory(deletes: boolean) {
  const vendor = createVendor();
  const directory = {
    deletes: 0,
    reads: 0,
    /** Holds reads up. */
    onRead: async (): Promise<void> => {},
    fetch: async (request: Request): Promise<Response> => {
      if (request.method === 'DELETE') {
        directory.deletes += 1;
        return NEVER;
      }
      directory.reads += 1;
      await directory.onRead();
      if (deletes && directory.deletes > 0) {
        return Response.json({ error: 'profile not found' }, { status: 400 });
      }
      return vendor.fetch(request);
    },
  };
  return directory;
}

type Directory = ReturnType<typeof createDirectory>;

/** Cuts a replica off in the middle of a delete, and returns the one that closes it. */
async function closed(
  folder: string,
  directory: Directory,
  isUnderWay: () => boolean,
  options: ReplicaOptions = {},
): Promise<TestReplica> {
  const path = `${folder}/state.db`;
  const first = await startReplica('first', path, directory.fetch, { ...LINKED, ...options });
  const second = await startReplica('second', path, directory.fetch, { ...LINKED, ...options });
  const receipt = { kind: 'link', writeId: 'w', key: '', id: '', target: '', caller: '' };
  await second.database.changeLinks([{ id: 'of-the-api', targets: { acme: ID } }], {
    ...receipt,
    outcome: 'applied',
    body: '{}',
  });
  void first.gateway.ask('DELETE', `/profiles/acme:${ID}`);
  await comes(isUnderWay);
  first.cut(true);
  await comes(() => recovered(second));
  return second;
}

async function receiptOf({ database }: TestReplica): Promise<JsonObject> {
  const [receipt] = await database.receipts({ max: 1, id: `acme:${ID}` });
  const { kind = '', outcome = '' } = receipt ?? {};
  return { kind, outcome, ...JSON.parse(receipt?.body ?? '{}') };
}

const foundAt = ({ gateway }: TestReplica) => gateway.snapshot.links?.idsAt?.('acme', ID);

describe('a delete whose replica is gone', () => {
  it(
    'is applied where the profile is gone, which leaves its links; the receipt keeps them',
    inFolder(async (folder) => {
      const directory = createDirectory(true);
      const isUnderWay = () => directory.deletes === 1;
      const second = await closed(folder, directory, isUnderWay, { hidesNone: true });
      expect(await receiptOf(second)).toMatchObject({
        kind: 'delete',
        outcome: 'applied',
        evidence: 'read_back',
        recoveredBy: 'second',
        unlinked: { 'of-the-api': { acme: ID }, 'of-the-file': { acme: ID } },
      });
      expect((await second.database.link('of-the-api'))?.targets).toBeUndefined();
      expect(await second.database.link('of-the-file')).toMatchObject({ targets: undefined });
      await second.shared.state.followLinks?.();
      expect(foundAt(second)).toEqual([]);
      expect(directory.deletes).toBe(1);
      await second.shared.close();
    }),
  );

  it(
    'is unknown where the vendor may hide the profile, which keeps its links',
    inFolder(async (folder) => {
      const directory = createDirectory(true);
      const second = await closed(folder, directory, () => directory.deletes === 1);
      const receipt = await receiptOf(second);
      expect(receipt).toMatchObject({ outcome: 'unknown', reason: 'deleted_or_hidden' });
      expect(receipt.unlinked).toBeUndefined();
      expect(foundAt(second)).toEqual(['of-the-api', 'of-the-file']);
      await second.shared.close();
    }),
  );

  it(
    'is not applied where the profile is there once it is settled, and keeps its links',
    inFolder(async (folder) => {
      const directory = createDirectory(false);
      const second = await closed(folder, directory, () => directory.deletes === 1);
      const receipt = await receiptOf(second);
      expect(receipt).toMatchObject({ outcome: 'rejected', reason: 'not_applied' });
      expect(receipt.unlinked).toBeUndefined();
      expect(foundAt(second)).toEqual(['of-the-api', 'of-the-file']);
      expect(directory.deletes).toBe(1);
      await second.shared.close();
    }),
  );

  it(
    'was not sent where the profile had not been read, though it is gone',
    inFolder(async (folder) => {
      const directory = createDirectory(true);
      directory.onRead = async () => {
        // The first one is never answered, and the profile is gone for the next.
        directory.deletes += 1;
        if (directory.reads === 1) await NEVER;
      };
      const second = await closed(folder, directory, () => directory.reads === 1);
      expect(await receiptOf(second)).toMatchObject({ outcome: 'rejected', reason: 'not_applied' });
      expect(foundAt(second)).toEqual(['of-the-api', 'of-the-file']);
      await second.shared.close();
    }),
  );
});
