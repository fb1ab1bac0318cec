import { describe, expect, test } from 'vitest';
import { createSandbox } from '../../../adapters/iam/sandbox/index.ts';
import { createSandbox as createKeystone } from '../../../adapters/keystone/sandbox/index.ts';
import type { Sandbox } from '../../../adapters/sandbox-kit/sandbox.ts';
import type { Connection, HttpRequest, JsonObject } from '../../../src/adapter-kit/index.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { changesOf, ID, KEYSTONE_ID, key, keystone, NOW_MS, open, otc } from './exchange.ts';

describe('sandboxes', () => {
  const peer = (): Sandbox => {
    throw new Error('no peer');
  };
  const options = { now: () => NOW_MS, peer };

  /** Sends requests of `connection` to `sandbox`, each with fresh credentials. */
  function sender(connection: Connection, sandbox: Sandbox) {
    const fetched = async (request: HttpRequest, added: Readonly<Record<string, string>>) => {
      const { origin, path, method, headers, body } = request;
      const init = { method, headers: { ...headers, ...added }, ...(body ? { body } : {}) };
      const response = await sandbox.fetch(new Request(origin + path, init));
      const { status } = response;
      return {
        status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    };
    const credentials = async (request: HttpRequest) => {
      const { authorization } = connection;
      if (authorization.kind === 'headers') return authorization.headers;
      if (authorization.kind === 'signature') {
        return authorization.sign(request, { nowMs: NOW_MS, digests: nodeDigests });
      }
      const acquire = authorization.acquire();
      let step = acquire.next();
      while (step.done !== true) step = acquire.next(await fetched(step.value, {}));
      if (!step.value.ok) throw new Error(step.value.fault.detail);
      return step.value.value.headers;
    };
    return async (request: HttpRequest) => fetched(request, await credentials(request));
  }

  async function written(settings: JsonObject, sandbox: Sandbox, id: string, patch: JsonObject) {
    const connection = open(settings);
    const send = sender(connection, sandbox);
    const read = async () => {
      const reading = connection.read(id);
      let step = reading.next();
      while (step.done !== true) step = reading.next(await send(step.value));
      if (!step.value.ok) throw new Error(step.value.fault.detail);
      return step.value.value;
    };
    const write = connection.write(id, changesOf(connection.fields, patch), await read());
    let step = write.next();
    while (step.done !== true) step = write.next(await send(step.value.request));
    return { result: step.value, after: await read() };
  }

  test.each([
    ['a token', otc],
    ['a signature', { ...otc, auth: key }],
  ])('otc with %s: the PATCH shows what a read shows', async (_name, settings) => {
    const sandbox = createSandbox({ ...options, basePath: '/iam' });
    const patch = { name: 'eu-de_x', description: 'd' };
    const { result, after } = await written(settings, sandbox, ID, patch);
    expect(result).toEqual({ ok: true, value: { profile: after } });
    expect(after.content).toMatchObject({ ...patch, status: 'active' });
    expect(sandbox.stored(ID)).toMatchObject(patch);
  });

  test('otc with manageStatus: both steps are stored and read back', async () => {
    const sandbox = createSandbox({ ...options, basePath: '/iam' });
    const patch = { name: 'eu-de_x', status: 'inactive' };
    const settings = { ...otc, manageStatus: true };
    expect((await written(settings, sandbox, ID, patch)).after.content).toMatchObject(patch);
    expect(sandbox.stored(ID)).toMatchObject({ name: 'eu-de_x', status: 'suspended' });
    const again = await written(settings, sandbox, ID, { status: 'active' });
    expect(again.after.content).toMatchObject({ status: 'active' });
  });

  test('keystone: the PATCH shows what a read shows, and a name in use is a conflict', async () => {
    const sandbox = createKeystone({ ...options, basePath: '/keystone' });
    const patch = { name: 'x', description: null, status: 'inactive' };
    const { result, after } = await written(keystone, sandbox, KEYSTONE_ID, patch);
    expect(result).toEqual({ ok: true, value: { profile: after } });
    expect(after.content).toMatchObject({ name: 'x', status: 'inactive' });
    expect(after.content).not.toHaveProperty('description');
    const taken = await written(keystone, sandbox, KEYSTONE_ID, { name: 'beta' });
    expect(taken.result).toMatchObject({ ok: false, fault: { code: 'conflict', effect: 'none' } });
  });
});
