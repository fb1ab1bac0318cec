import { describe, expect, it } from 'vitest';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { found } from '../../support/gateway.ts';
import { createInMemoryGateway, NOW_MS, UPSTREAM } from '../../support/in-memory.ts';

type Treat = (request: Request, deliver: () => Promise<Response>) => Promise<Response>;

/** A gateway in front of the sandbox of IAM, where a create ends all tokens. */
async function start() {
  const set = createSandboxSet(() => NOW_MS, sandboxes);
  const demo = found(set.demos.find(({ target }) => target === 'iam-demo'));
  const stage = { treat: undefined as Treat | undefined };
  const gateway = await createInMemoryGateway({
    document: { version: 1, targets: { 'iam-demo': demo.configuration(UPSTREAM) } },
    fetch: async (request) => {
      const deliver = async (): Promise<Response> => set.fetch(request.clone());
      return (await stage.treat?.(request, deliver)) ?? deliver();
    },
  });
  let creates = 0;
  const create = (given?: string) => {
    creates += 1;
    const name = given ?? `eu-de_n${creates}`;
    return gateway.ask('POST', '/profiles', {
      body: { target: 'iam-demo', name },
      headers: { 'idempotency-key': name },
    });
  };
  /** Creates a profile beside the request that is treated. */
  const createBeside = async (): Promise<void> => {
    const { treat } = stage;
    stage.treat = undefined;
    expect((await create()).status).toBe(201);
    stage.treat = treat;
  };
  const isCooling = (): boolean =>
    found(gateway.targets.get('iam-demo')).credentials.cooldown() !== undefined;
  return { ...gateway, create, createBeside, id: demo.id, isCooling, stage };
}

const isSearch = ({ method, url }: Request): boolean =>
  method === 'GET' && url.includes('name=eu-de_victim');

describe('tokens that the creates of other requests end', () => {
  it('leave a create enough of them, and its credentials alone', async () => {
    const { create, createBeside, isCooling, stage } = await start();
    let searches = 0;
    stage.treat = async (request, deliver) => {
      if (!isSearch(request)) return deliver();
      searches += 1;
      if (searches <= 4) await createBeside();
      const answer = await deliver();
      // While the last answer is on its way.
      if (answer.status === 200) await createBeside();
      return answer;
    };
    expect((await create('eu-de_victim')).status).toBe(201);
    expect(searches).toBe(5);
    expect(isCooling()).toBe(false);
  });

  it('cost the request whose tokens are all ended, and no other', async () => {
    const { ask, create, createBeside, id, isCooling, stage } = await start();
    stage.treat = async (request, deliver) => {
      if (isSearch(request)) await createBeside();
      return deliver();
    };
    expect(await create('eu-de_victim')).toMatchObject({
      status: 502,
      body: { code: 'target_unauthorized', outcome: 'rejected' },
    });
    expect(isCooling()).toBe(false);
    expect((await ask('GET', `/profiles/iam-demo:${id}`)).status).toBe(200);
  });
});

describe('a patch whose first delivery ends the token of the second', () => {
  it('is applied, as a read shows, however often it is sent', async () => {
    const { ask, id, sent, stage } = await start();
    stage.treat = async (request, deliver) => {
      if (request.method === 'PATCH') expect((await deliver()).status).toBe(200);
      return deliver();
    };
    const answer = await ask('PATCH', `/profiles/iam-demo:${id}`, {
      body: { description: 'changed by the patch' },
    });
    expect(sent.filter(({ method }) => method === 'PATCH').length).toBeGreaterThan(1);
    expect(sent.findLast(({ method }) => method === 'PATCH')?.status).toBe(401);
    expect(answer).toMatchObject({
      status: 200,
      body: { write: { outcome: 'applied', evidence: 'read_back' } },
    });
  });
});
