import { type Context, Hono } from 'hono';
import { readBody } from '../../sandbox-kit/request-body.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox-kit/sandbox.ts';
import { unkindFetch } from '../../sandbox-kit/unkind.ts';
import { ACCOUNT } from './account.ts';
import { gatewayError, iamError, keystoneError } from './answers.ts';
import { type Call, createAccountCalls, createProjectCalls } from './calls.ts';
import { GATEWAY_BODY_BYTES_MAX, refuseLargeHeaders } from './front.ts';
import { createProjectStore, type ProjectStore, SEEDED } from './projects.ts';
import { createSignatureCheck } from './signature.ts';
import { createTokens, TOKEN_CHARACTERS_DEFAULT } from './tokens.ts';

export type IamSandboxOptions = SandboxOptions & {
  /** Length of a token, up to 32 KB; 6,000 characters by default. */
  readonly tokenCharacters?: number;
};

/**
 * Open Telekom Cloud IAM, as far as one project and its status need it: tokens by password,
 * signatures by access key, `GET /v3/projects`, `GET`/`PATCH`/`DELETE /v3/projects/{id}`,
 * `GET`/`PUT /v3-ext/projects/{id}`.
 * The gateway in front of IAM answers any other path or method with "not published".
 */
export function createSandbox(options: IamSandboxOptions): Sandbox {
  const { basePath, now, unkind } = options;
  const projects = createProjectStore(now, unkind);
  const iamUrl = (request: Request) => new URL(request.url).origin + basePath;
  const tokens = createTokens({
    now,
    tokenCharacters: options.tokenCharacters ?? TOKEN_CHARACTERS_DEFAULT,
    iamUrl,
    findProject: (scope) => findProject(projects, scope),
  });
  const settings = {
    now,
    projects,
    revokeToken: tokens.revoke,
    revokeAllTokens: tokens.revokeAll,
    iamUrl,
  };
  const calls = { ...createProjectCalls(settings), ...createAccountCalls(settings) };
  const checkSignature = createSignatureCheck(now);

  async function authenticate(request: Request, body: Uint8Array<ArrayBuffer>) {
    const token = request.headers.get('x-auth-token');
    if (token !== null) return tokens.check(token);
    if (request.headers.has('authorization')) return checkSignature(request, body);
    return undefined;
  }

  const published =
    (anonymous: () => Response, act: (call: Call) => Response) => async (context: Context) => {
      const request = context.req.raw;
      const { bytes: body, isTooLarge } = await readBody(request, GATEWAY_BODY_BYTES_MAX);
      if (isTooLarge) return gatewayError(413, 'APIGW.0201', 'Request entity too large');
      const caller = await authenticate(request, body);
      if (caller === undefined) return anonymous();
      if (caller instanceof Response) return caller;
      return act({ request, id: context.req.param('id') ?? '', body, caller });
    };
  const keystone = (act: (call: Call) => Response) =>
    published(() => keystoneError(401, 'The request requires authentication.'), act);
  const extension = (act: (call: Call) => Response) =>
    published(() => iamError(401, 'IAM.0001', 'Not authenticated.'), act);

  const app = new Hono().basePath(basePath);
  app.use(refuseLargeHeaders);
  app.post('/v3/auth/tokens', async ({ req: { raw } }) => {
    const { bytes, isTooLarge } = await readBody(raw, GATEWAY_BODY_BYTES_MAX);
    if (isTooLarge) return gatewayError(413, 'APIGW.0201', 'Request entity too large');
    return tokens.issue(raw, bytes);
  });
  app.get('/v3/projects', keystone(calls.list));
  app.post('/v3/projects', keystone(calls.create));
  app.get('/v3/projects/:id', keystone(calls.show));
  app.delete('/v3/projects/:id', keystone(calls.remove));
  app.patch('/v3/projects/:id', keystone(calls.modify));
  app.get('/v3-ext/projects/:id', extension(calls.showWithStatus));
  app.put('/v3-ext/projects/:id', extension(calls.setStatus));
  // A path or method that is not published (terraform-provider-opentelekomcloud#2444, #2507).
  app.notFound(() => gatewayError(404, 'APIGW.0101', 'The API does not exist or is not published'));

  return {
    fetch: unkindFetch(unkind, (request) => app.fetch(request)),
    demo: demo(basePath),
    stored: projects.peek,
    ids: projects.ids,
    outsideWrite: projects.outsideWrite,
    outsideRemove: projects.remove,
    seed: projects.seed,
    journal: projects.journal,
  };
}

function demo(basePath: string): NonNullable<Sandbox['demo']> {
  return {
    target: 'iam-demo',
    configuration: (origin) => ({
      vendor: 'iam',
      dialect: 'otc',
      baseUrl: origin + basePath,
      manageStatus: true,
      auth: {
        method: 'password',
        username: ACCOUNT.user.name,
        password: ACCOUNT.password,
        userDomain: ACCOUNT.domain.name,
        domain: ACCOUNT.domain.name,
      },
    }),
    id: SEEDED.demo,
    patch: { name: 'eu-de_demo2', description: 'gateway demo' },
  };
}

function findProject(
  projects: ProjectStore,
  scope: { id?: string | undefined; name?: string | undefined },
) {
  const project = scope.id === undefined ? projects.findByName(scope.name) : projects.get(scope.id);
  if (project === undefined || project.is_domain === true) return undefined;
  return { id: String(project.id), name: String(project.name) };
}
