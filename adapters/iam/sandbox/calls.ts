import type { JsonObject } from '../../../src/adapter-kit/json.ts';
import { ACCOUNT, type SandboxCaller } from './account.ts';
import { answer, iamError, keystoneError } from './answers.ts';
import { listedPage } from './list.ts';
import { CREATED_AT, type ProjectStore } from './projects.ts';
import { newProject, patchedProject, projectWithStatus, readJson } from './rules.ts';

/** A request that has passed authentication. */
export type Call = {
  readonly request: Request;
  readonly id: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly caller: SandboxCaller;
};

type CallSettings = {
  readonly now: () => number;
  readonly projects: ProjectStore;
  readonly revokeToken: (tokenId: string) => void;
  readonly revokeAllTokens: () => void;
  readonly iamUrl: (request: Request) => string;
};

/** The calls that list and delete, each on a request that has passed authentication. */
export function createAccountCalls({ iamUrl, projects, revokeAllTokens }: CallSettings) {
  // Pages by number, both parameters together (IAM API reference, Querying Project Information
  // Based on the Specified Criteria). The order is not documented: here that of creation.
  function list({ request }: Call): Response {
    const query = new URL(request.url).searchParams;
    const page = listedPage(query, projects.all());
    if (page === undefined) return keystoneError(400, 'Invalid page or per_page.');
    const root = `${iamUrl(request)}/v3/projects`;
    const shown = page.projects.map((project) => {
      const links = { self: selfLink(iamUrl(request), String(project.id)) };
      return { ...withoutStatus(project), links };
    });
    query.set('page', String(page.number + 1));
    const next = page.hasNext ? `${root}?${query}` : null;
    const self = root + new URL(request.url).search;
    return answer(200, { projects: shown, links: { self, previous: null, next } });
  }

  // Deletes all resources of the project (IAM API reference, Deleting a Project), and ends all
  // tokens of the account (the Swiss edition, 2025-07). Its resources go at once here.
  function remove({ id, caller }: Call): Response {
    if (caller.scope !== 'domain') return keystoneError(403, 'Security Administrator is needed.');
    const project = projects.get(id);
    if (project === undefined) return projectNotFound(id);
    // Built-in projects and domains stay (IAM user guide, Projects).
    if (project.is_domain === true || !String(project.name).includes('_')) {
      return keystoneError(403, 'The project cannot be deleted.');
    }
    projects.remove(id);
    revokeAllTokens();
    return new Response(null, { status: 204 });
  }

  // 201; the documents list 409 for a name in use. Ends all tokens of the account as well.
  function create({ request, body, caller }: Call): Response {
    if (caller.scope !== 'domain') return keystoneError(403, 'Security Administrator is needed.');
    const read = readJson(request, body);
    if (read instanceof Response) return read;
    const checked = newProject(read.json, ACCOUNT.domain.id, projects.all());
    if (checked instanceof Response) return checked;
    if (projects.isNameTaken(String(checked.project.name), '')) {
      return keystoneError(409, 'The project name is in use.');
    }
    const project = projects.add(checked.project);
    if (project === undefined) return keystoneError(403, 'The quota of projects is exceeded.');
    revokeAllTokens();
    const links = { self: selfLink(iamUrl(request), String(project.id)) };
    return answer(201, { project: { ...withoutStatus(project), links } });
  }

  return { list, create, remove };
}

/** The calls on one project, each on a request that has passed authentication. */
export function createProjectCalls(settings: CallSettings) {
  const { iamUrl, now, projects, revokeToken } = settings;
  // Reading one project needs any token of the account (IAM API reference, Actions).
  function show({ request, id }: Call): Response {
    const project = projects.get(id);
    if (project === undefined) return projectNotFound(id);
    const links = { self: selfLink(iamUrl(request), id), previous: null, next: null };
    return answer(200, { project: { ...withoutStatus(project), links } });
  }

  function modify({ request, id, body, caller }: Call): Response {
    // A token with a project's scope lacks Security Administrator (iits-consulting/otc-auth#41).
    if (caller.scope !== 'domain') return keystoneError(403, 'Security Administrator is needed.');
    const read = readJson(request, body);
    if (read instanceof Response) return read;
    const current = projects.get(id);
    if (current === undefined) return projectNotFound(id);
    const checked = patchedProject(current, read.json, (name) => projects.isNameTaken(name, id));
    if (checked instanceof Response) return checked;
    const stored = projects.put(id, checked.next, 'request');
    // The Swiss edition (2025-07, Modifying Project Data) ends the caller's token here.
    if (caller.tokenId !== undefined) revokeToken(caller.tokenId);
    const links = { self: selfLink(iamUrl(request), id) };
    return answer(200, { project: { ...withoutStatus(stored), links } });
  }

  // All of /v3-ext needs Security Administrator (IAM API reference, Actions).
  function showWithStatus({ id, caller }: Call): Response {
    if (caller.scope !== 'domain') return iamError(403, 'IAM.0002', 'Not authorized.');
    const project = projects.get(id);
    if (project === undefined) return extensionNotFound(id);
    const { [CREATED_AT]: _, ...shown } = project;
    return answer(200, { project: shown });
  }

  function setStatus({ request, id, body, caller }: Call): Response {
    if (caller.scope !== 'domain') return iamError(403, 'IAM.0002', 'Not authorized.');
    const read = readJson(request, body);
    if (read instanceof Response) return read;
    const current = projects.get(id);
    if (current === undefined) return extensionNotFound(id);
    const checked = projectWithStatus(current, read.json, now());
    if (checked instanceof Response) return checked;
    projects.put(id, checked.next, 'request');
    return new Response(null, { status: 204 });
  }

  return { show, modify, showWithStatus, setStatus };
}

/** Only `/v3-ext` answers have `status` and `suspended_time`. */
function withoutStatus(project: JsonObject): JsonObject {
  const { [CREATED_AT]: ___, status: _, suspended_time: __, ...rest } = project;
  return rest;
}

function selfLink(iamUrl: string, id: string): string {
  return `${iamUrl}/v3/projects/${encodeURIComponent(id)}`;
}

function projectNotFound(id: string): Response {
  return keystoneError(404, `Could not find project: ${id}.`);
}

function extensionNotFound(id: string): Response {
  return iamError(404, 'IAM.0004', `Could not find project: ${id}.`);
}
