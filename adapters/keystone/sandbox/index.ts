import { type Context, Hono } from 'hono';
import { type JsonObject, own } from '../../../src/adapter-kit/json.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox-kit/sandbox.ts';
import { unkindFetch } from '../../sandbox-kit/unkind.ts';
import { createJournal } from './journal.ts';
import { type Listing, listProjects } from './list.ts';
import { createProjects, type Projects, projectAnswer } from './projects.ts';
import { asPythonObjectHolds } from './python.ts';
import { checkProject } from './schema.ts';
import { DOMAIN, SEEDED_PROJECTS, SPARE_PROJECT_ID } from './seed.ts';
import { tokenAnswer } from './token-answer.ts';
import { createTokens, type Token, type Tokens } from './tokens.ts';
import {
  crashAnswer,
  documentAnswer,
  documentMethodAnswer,
  emptyAnswer,
  faultAnswer,
  forbidden,
  jsonAnswer,
  KeystoneFault,
  methodAnswer,
  notFoundProject,
  readJsonBody,
  tokenFaultAnswer,
  unauthenticated,
  unknownPathAnswer,
} from './wire.ts';

/**
 * The parts of Keystone that another sandbox needs: the owner of a token, and Keystone's address.
 */
export type Identity = {
  readonly basePath: string;
  /** The token if Keystone would call it valid now, with its project still there and enabled. */
  readonly validate: (tokenId: string) => Token | undefined;
};

const identities = new WeakMap<Sandbox, Identity>();

/** The identity of a Keystone sandbox made by `createSandbox`; undefined for any other sandbox. */
export function identityOf(sandbox: Sandbox): Identity | undefined {
  return identities.get(sandbox);
}

type Variables = { body: JsonObject; token: Token | undefined };
type Call = Context<{ Variables: Variables }>;

export type KeystoneSandboxOptions = SandboxOptions & {
  /** By default that of Keystone 22, without an operator's limit. */
  readonly listing?: Listing;
};

/** A Keystone 22 with domain `default`, users `gateway` and `admin`, and a few projects. */
export function createSandbox(options: KeystoneSandboxOptions): Sandbox {
  const journal = createJournal(options.now);
  const projects = createProjects(journal, options.unkind);
  const tokens = createTokens(projects, options.now);
  const { listing = { paging: 'none' } } = options;
  const app = createApp(options.basePath, projects, tokens, listing);
  const template = SEEDED_PROJECTS.find((project) => own(project, 'id') === SPARE_PROJECT_ID);

  const sandbox: Sandbox = {
    fetch: unkindFetch(options.unkind, (request) => app.fetch(request)),
    stored: (id) => projects.find(id),
    outsideWrite: (id, change) => {
      const before = projects.find(id);
      if (before === undefined) throw new Error(`no project ${id}`);
      const after = { ...before, ...asPythonObjectHolds(change) };
      projects.put(id, after);
      journal.note(id, 'outside', before, after);
    },
    ids: () => projects.all().map((project) => String(own(project, 'id'))),
    outsideRemove: projects.drop,
    seed: (id, resource) => {
      const named = { ...template, name: `project-${id}`, ...asPythonObjectHolds(resource), id };
      projects.put(id, named);
    },
    journal: journal.entries,
  };
  identities.set(sandbox, {
    basePath: options.basePath,
    validate: (id) => {
      const token = tokens.find(id);
      return token && scopeFault(token, projects) === undefined ? token : undefined;
    },
  });
  return sandbox;
}

function createApp(basePath: string, projects: Projects, tokens: Tokens, listing: Listing) {
  const app = new Hono<{ Variables: Variables }>({ strict: false }).basePath(basePath);
  app.onError((error, c) => {
    if (!(error instanceof KeystoneFault)) throw error;
    return faultAnswer(error, `${new URL(c.req.url).origin}${basePath}/v3`);
  });
  app.notFound(unknownPathAnswer);
  app.use(async (c, next) => {
    const token = tokens.find(c.req.header('x-auth-token') ?? '');
    const fault = token && scopeFault(token, projects);
    if (fault !== undefined) return tokenFaultAnswer(fault);
    const body = await readJsonBody(c.req.raw);
    if (body instanceof Response) return body;
    c.set('body', body);
    c.set('token', token);
    return await next();
  });
  addVersions(app, basePath);
  addTokens(app, basePath, projects, tokens);
  addLists(app, basePath, projects, listing);
  addProjects(app, basePath, projects);
  return app;
}

type App = ReturnType<typeof createApp>;

/** transcript: GET /v3 (version document). The root answers 300 with a list of the one version. */
function addVersions(app: App, basePath: string): void {
  const version = (c: Call) => ({
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${new URL(c.req.url).origin}${basePath}/v3/` }],
    'media-types': [
      { base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' },
    ],
  });
  app.get('/', (c) => {
    const location = `${new URL(c.req.url).origin}${basePath}/v3/`;
    return documentAnswer(300, { versions: { values: [version(c)] } }, { Location: location });
  });
  app.get('/v3', (c) => documentAnswer(200, { version: version(c) }));
  app.all('/v3', documentMethodAnswer);
}

function addTokens(app: App, basePath: string, projects: Projects, tokens: Tokens): void {
  const answerFor = (c: Call, status: number, token: Token) =>
    documentAnswer(
      status,
      tokenAnswer(token, projects, {
        origin: new URL(c.req.url).origin,
        basePath,
        catalog: c.req.query('nocatalog') === undefined,
      }),
      { 'X-Subject-Token': token.id },
    );
  /** transcript: validate a token; a foreign token only for an administrator. */
  const subject = (c: Call, action: string): Token => {
    const caller = callerOf(c);
    const id = c.req.header('x-subject-token');
    const token = tokens.find(id ?? '');
    if (id !== undefined && token === undefined) {
      throw new KeystoneFault(404, 'Could not recognize Fernet token');
    }
    if (!isAdmin(caller) && token?.user.id !== caller.user.id) throw forbidden(action);
    if (token === undefined) throw new KeystoneFault(404, 'No token in the request');
    const fault = scopeFault(token, projects);
    if (fault !== undefined) throw new KeystoneFault(404, fault);
    return token;
  };
  app.post('/v3/auth/tokens', (c) => answerFor(c, 201, tokens.issue(c.get('body'))));
  app.get('/v3/auth/tokens', (c) => answerFor(c, 200, subject(c, 'identity:validate_token')));
  app.delete('/v3/auth/tokens', (c) => {
    tokens.revoke(subject(c, 'identity:revoke_token').id);
    return emptyAnswer(204);
  });
  addMethods(app, '/v3/auth/tokens', 'DELETE, POST, GET, OPTIONS, HEAD');
}

/** `/v3/projects` for who may list them, `/v3/auth/…` of everybody's own. */
function addLists(app: App, basePath: string, projects: Projects, listing: Listing): void {
  app.get('/v3/projects', (c) => {
    if (!isAdmin(callerOf(c))) throw forbidden('identity:list_projects');
    const url = new URL(c.req.url);
    const root = `${url.origin}${basePath}/v3/projects`;
    const page = listProjects(url.searchParams, projects.all(), listing);
    const shown = page.projects.map((project) =>
      projectAnswer(project, `${root}/${own(project, 'id')}`, 'plain'),
    );
    url.searchParams.set('marker', page.next ?? '');
    const next = page.next === undefined ? null : `${root}?${url.searchParams}`;
    const links = { next, self: root + new URL(c.req.url).search, previous: null };
    return jsonAnswer(200, {
      projects: shown,
      links,
      ...(page.truncated ? { truncated: true } : {}),
    });
  });
  app.get('/v3/auth/projects', (c) => {
    const root = `${new URL(c.req.url).origin}${basePath}/v3`;
    const shown = Object.keys(callerOf(c).user.projectRoles)
      .map((id) => projects.find(id))
      .filter((project) => project !== undefined)
      .map((project) => projectAnswer(project, `${root}/projects/${project.id}`, 'plain'));
    const links = { next: null, self: `${root}/auth/projects`, previous: null };
    return jsonAnswer(200, { projects: shown, links });
  });
  app.get('/v3/auth/domains', (c) => {
    const domains = callerOf(c).user.domainRoles.length > 0 ? [{ ...DOMAIN, enabled: true }] : [];
    const self = `${new URL(c.req.url).origin}${basePath}/v3/auth/domains`;
    return jsonAnswer(200, { domains, links: { next: null, self, previous: null } });
  });
}

function addProjects(app: App, basePath: string, projects: Projects): void {
  // An escaped slash parts the path like any other, and no project has such a path.
  app.use('/v3/projects/:id', async (c, next) =>
    c.req.param('id').includes('/') ? unknownPathAnswer() : await next(),
  );
  const answerFor = (c: Call, status: number, project: JsonObject, shape?: 'with-extra') => {
    const self = `${new URL(c.req.url).origin}${basePath}/v3/projects/${own(project, 'id')}`;
    return jsonAnswer(status, { project: projectAnswer(project, self, shape ?? 'plain') });
  };
  app.get('/v3/projects/:id', (c) => {
    const id = c.req.param('id');
    const project = projects.find(id);
    if (!mayRead(callerOf(c), project)) throw forbidden('identity:get_project');
    if (project === undefined) throw notFoundProject(id);
    return answerFor(c, 200, project);
  });
  // The right is looked at before the body, and both before the project (transcript: unknown id).
  app.patch('/v3/projects/:id', (c) => {
    if (!isAdmin(callerOf(c))) throw forbidden('identity:update_project');
    const body = c.get('body');
    const wanted = Object.hasOwn(body, 'project') ? (own(body, 'project') ?? null) : {};
    const patch = checkProject(wanted, 'update');
    const id = c.req.param('id');
    const given = own(patch, 'id') ?? null;
    if (given !== null && given !== id) throw new KeystoneFault(400, 'Cannot change ID');
    const updated = projects.update(id, patch);
    return updated === 'crash' ? crashAnswer() : answerFor(c, 200, updated, 'with-extra');
  });
  app.delete('/v3/projects/:id', (c) => {
    if (!isAdmin(callerOf(c))) throw forbidden('identity:delete_project');
    projects.remove(c.req.param('id'));
    return emptyAnswer(204);
  });
  app.post('/v3/projects', (c) => {
    if (!isAdmin(callerOf(c))) throw forbidden('identity:create_project');
    const given = checkProject(own(c.get('body'), 'project') ?? {}, 'create');
    const id = crypto.randomUUID().replaceAll('-', '');
    return answerFor(c, 201, projects.create(id, given));
  });
  // The real router lists POST for a project too, and breaks on it (compared with Keystone 22).
  app.post('/v3/projects/:id', crashAnswer);
  addMethods(app, '/v3/projects/:id', 'OPTIONS, PATCH, HEAD, DELETE, GET, POST');
}

/** transcript: PUT, OPTIONS. Neither looks at the token. */
function addMethods(app: App, path: string, allow: string): void {
  app.on('OPTIONS', path, () =>
    emptyAnswer(200, { 'Content-Type': 'text/html; charset=utf-8', Allow: allow }),
  );
  app.all(path, () => methodAnswer(allow));
}

function callerOf(c: Call): Token {
  const token = c.get('token');
  if (token === undefined) throw unauthenticated();
  return token;
}

/** keystone/common/policies: `role:admin` in any scope (transcript: unscoped token). */
function isAdmin(token: Token): boolean {
  return token.roles.some((role) => role.name === 'admin');
}

/** keystone/common/policies/project.py: administrators, readers of its domain, its own users. */
function mayRead(token: Token, project: JsonObject | undefined): boolean {
  if (isAdmin(token)) return true;
  if (project === undefined) return false;
  return token.scope.kind === 'project' && token.scope.projectId === own(project, 'id');
}

/** A token of a project gone or disabled is a 404 of its own (compared with Keystone 22). */
function scopeFault(token: Token, projects: Projects): string | undefined {
  if (token.scope.kind !== 'project') return undefined;
  const id = token.scope.projectId;
  const project = projects.find(id);
  if (project === undefined) return `Could not find project: ${id}.`;
  return own(project, 'enabled') === false
    ? `Unable to validate token because project ${id} is disabled`
    : undefined;
}
