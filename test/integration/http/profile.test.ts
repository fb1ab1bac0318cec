import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

type Vendor = {
  readonly folder: string;
  readonly id: string;
  readonly patch: JsonObject;
  /** What the patch leaves in the profile, and at the vendor. */
  readonly shows: JsonObject;
  readonly stores: JsonObject;
  readonly writes: readonly string[];
  /** Without a read first it is sent again; that nothing changed cannot be told so soon after. */
  readonly repeated?: 'applied';
};

const vendors: readonly Vendor[] = [
  {
    folder: 'senlin',
    id: SENLIN,
    patch: { name: 'renamed', attributes: { owner: 'blue', size: { cores: 4 } } },
    shows: { name: 'renamed', attributes: { owner: 'blue', size: { cores: 4 } } },
    stores: { name: 'renamed', metadata: { owner: 'blue', size: { cores: 4 } } },
    writes: [`PATCH /senlin/v1/profiles/${upstreamIdOf(SENLIN)}`],
  },
  {
    folder: 'nerm',
    id: NERM,
    patch: {
      name: 'Dana Sample',
      status: 'on_leave',
      attributes: { cost_centre: '4711' },
      extensions: { nerm: { id_proofing_status: 'pass' } },
    },
    shows: {
      name: 'Dana Sample',
      status: 'on_leave',
      attributes: { cost_centre: '4711', nickname: 'Dee', end_date: '12/31/2026' },
    },
    stores: { name: 'Dana Sample', status: 'On Leave', id_proofing_status: 'pass' },
    writes: [`PATCH /nerm/api/profiles/${upstreamIdOf(NERM)}`],
    repeated: 'applied',
  },
  {
    folder: 'iam',
    id: IAM,
    patch: { name: 'eu-de_renamed', description: 'by the gateway' },
    shows: { name: 'eu-de_renamed', description: 'by the gateway', status: 'active' },
    stores: { name: 'eu-de_renamed', description: 'by the gateway', status: 'normal' },
    writes: [`PATCH /iam/v3/projects/${upstreamIdOf(IAM)}`],
  },
  {
    folder: 'naver',
    id: NAVER,
    patch: { description: 'build farm', extensions: { naver: { durationSeconds: 7200 } } },
    shows: { name: 'profile000', description: 'build farm', status: 'active' },
    stores: { description: 'build farm', durationSeconds: 7200, name: 'profile000' },
    writes: [`PATCH /naver/api/v1/profiles/${upstreamIdOf(NAVER)}`],
    repeated: 'applied',
  },
  {
    folder: 'keystone',
    id: KEYSTONE,
    patch: { name: 'alpha2', description: 'second', status: 'inactive' },
    shows: { name: 'alpha2', description: 'second', status: 'inactive' },
    stores: { name: 'alpha2', description: 'second', enabled: false, color: 'red' },
    writes: [`PATCH /keystone/v3/projects/${upstreamIdOf(KEYSTONE)}`],
  },
];

describe.each(vendors)('a profile of $folder', (vendor) => {
  const { folder, id } = vendor;
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway({ targets: { 'keystone-demo': keystoneTarget } });
  });
  afterAll(() => gateway.stop());

  it('is read with its names, a tag and the mark of a sandbox', async () => {
    const answer = await read(gateway.origin, id);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(answer.headers['x-gateway-sandbox']).toBe('1');
    expect(answer.headers['server-timing']).toMatch(/^gateway;dur=[\d.]+, upstream;dur=[\d.]+$/);
    expect(part(answer, 'profile')).toMatchObject({
      id,
      target: id.split(':')[0],
      vendor: folder === 'keystone' ? 'iam' : folder,
      upstreamId: upstreamIdOf(id),
    });
  });

  it('is patched, shows what it stored, and reads back with the same tag', async () => {
    const seen = gateway.upstream.length;
    const answer = await patch(gateway.origin, id, vendor.patch);
    expect(answer.json).toMatchObject({
      profile: vendor.shows,
      write: {
        outcome: 'applied',
        target: id.split(':')[0],
        losses: [],
        unconfirmed: [],
        atomic: true,
        lockScope: 'process',
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['preference-applied']).toBeUndefined();
    expect(answer.headers['x-gateway-sandbox']).toBe('1');
    expect(gateway.sandbox(folder).stored(upstreamIdOf(id))).toMatchObject(vendor.stores);
    expect(writesSince(gateway, seen)).toEqual(vendor.writes);
    const after = await read(gateway.origin, id);
    expect(after.json.profile).toEqual(answer.json.profile);
    expect(after.headers.etag).toBe(answer.headers.etag);
  });

  it('is not changed by the same patch again, nor by an empty one, which is a read', async () => {
    const changes = changesSeen(gateway);
    const again = await patch(gateway.origin, id, vendor.patch);
    const outcome = vendor.repeated ?? 'noop';
    expect(part(again, 'write')).toMatchObject({ outcome, losses: [] });
    const seen = gateway.upstream.length;
    const empty = await patch(gateway.origin, id, {});
    expect(part(empty, 'write')).toMatchObject({ outcome: 'noop', evidence: 'read' });
    expect(empty.headers.etag).toBe(again.headers.etag);
    expect(gateway.upstream.length).toBe(seen + 1);
    expect(writesSince(gateway, seen)).toEqual([]);
    expect(changesSeen(gateway)).toBe(changes);
  });

  it('is not sent again to who has it', async () => {
    const tag = found((await read(gateway.origin, id)).headers.etag);
    for (const tags of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const answer = await read(gateway.origin, id, { 'if-none-match': tags });
      expect({ tags, status: answer.status, text: answer.text }).toEqual({
        tags,
        status: 304,
        text: '',
      });
      expect(answer.headers.etag).toBe(tag);
    }
    const other = await read(gateway.origin, id, { 'if-none-match': '"other"' });
    expect(other.status).toBe(200);
  });

  it('is written only when it still is the expected one', async () => {
    const { headers } = await read(gateway.origin, id);
    const tag = found(headers.etag);
    const changes = changesSeen(gateway);
    for (const tags of ['"other"', `W/${tag}`, '"a", "b"', '"v1,*,v2"']) {
      const refused = await patch(gateway.origin, id, vendor.patch, { 'if-match': tags });
      expectProblem(refused, 412, 'precondition_failed');
      expect(refused.json).toMatchObject({ outcome: 'rejected', target: id.split(':')[0] });
      expect(refused.headers.etag).toBe(tag);
    }
    for (const tags of ['nonsense', tag.slice(1, -1), '"nope", *']) {
      const refused = await patch(gateway.origin, id, vendor.patch, { 'if-match': tags });
      expectProblem(refused, 412, 'precondition_failed');
    }
    expect(changesSeen(gateway)).toBe(changes);
    for (const tags of [tag, `"other", ${tag}`, '*']) {
      const taken = await patch(gateway.origin, id, vendor.patch, { 'if-match': tags });
      expect(part(taken, 'write')).toMatchObject({ outcome: 'noop', precondition: 'emulated' });
      expect(taken.headers.etag).toBe(tag);
    }
    const changed = await patch(
      gateway.origin,
      id,
      { name: String(vendor.shows.name).replace(/.$/, 'X') },
      { 'if-match': tag },
    );
    expect(part(changed, 'write')).toMatchObject({ outcome: 'applied', precondition: 'emulated' });
    expect(changed.headers.etag).not.toBe(tag);
    expectProblem(
      await patch(gateway.origin, id, vendor.patch, { 'if-match': tag }),
      412,
      'precondition_failed',
    );
  });

  it('is not written where it is what must not be there', async () => {
    const { headers } = await read(gateway.origin, id);
    const tag = found(headers.etag);
    const changes = changesSeen(gateway);
    for (const tags of ['*', tag, `W/${tag}`, `"other", ${tag}`]) {
      const refused = await patch(gateway.origin, id, vendor.patch, { 'if-none-match': tags });
      expectProblem(refused, 412, 'precondition_failed');
    }
    const byTime = { 'if-unmodified-since': 'Sat, 29 Oct 1994 19:43:31 GMT' };
    expectProblem(
      await patch(gateway.origin, id, vendor.patch, byTime),
      412,
      'precondition_failed',
    );
    expect(changesSeen(gateway)).toBe(changes);
    const taken = await patch(gateway.origin, id, vendor.patch, { 'if-none-match': '"other"' });
    expect(part(taken, 'write')).toMatchObject({ precondition: 'emulated' });
    const both = await patch(gateway.origin, id, vendor.patch, { ...byTime, 'if-match': '*' });
    expect(both.status).toBe(200);
  });

  it('that is not there is 404, for a read and for a write', async () => {
    const missing = `${id.split(':')[0]}:${upstreamIdOf(id).replace(/^.{4}/, '0000')}`;
    expectProblem(await read(gateway.origin, missing), 404, 'profile_not_found');
    const written = await patch(gateway.origin, missing, vendor.patch);
    expectProblem(written, 404, 'profile_not_found');
    expect(written.json.outcome).toBe('rejected');
  });
});
