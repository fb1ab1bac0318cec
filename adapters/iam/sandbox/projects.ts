import type { JsonObject } from '../../../src/adapter-kit/json.ts';
import { JOURNAL_ENTRIES_MAX, type SandboxChange } from '../../sandbox-kit/sandbox.ts';
import { isHiddenYet, storedUnkindly, type Unkind } from '../../sandbox-kit/unkind.ts';
import { ACCOUNT } from './account.ts';

/** The ids of the projects that are there from the start. */
export const SEEDED = {
  demo: '23da5961c8214f5caf701c27d9703959',
  taken: '5e0d1c2b3a49586778695a4b3c2d1e0f',
  regionDefault: '7c6b5a4938271605f4e3d2c1b0a99887',
  objectStorage: '9f8e7d6c5b4a39281706f5e4d3c2b1a0',
  domain: ACCOUNT.domain.id,
} as const;

/** Member with the time of a create, in milliseconds; in no answer. */
export const CREATED_AT = 'sandbox_created_at';

/** Members that hold free text. */
const TEXTS = ['name', 'description'];

/** Most projects that the sandbox stores. */
export const PROJECTS_MAX = 100_000;

export type ProjectStore = ReturnType<typeof createProjectStore>;

/** The projects of the account, in the vendor's own field names, and what happened to them. */
export function createProjectStore(now: () => number, unkind?: Unkind) {
  const projects = new Map(seededProjects().map((project) => [String(project.id), project]));
  const journal: SandboxChange[] = [];
  let sequence = 0;

  function put(id: string, next: JsonObject, by: SandboxChange['by']): JsonObject {
    const before = projects.get(id);
    if (before === undefined) return next;
    const after = by === 'outside' ? next : storedUnkindly(unkind, TEXTS, before, next);
    if (JSON.stringify(before) === JSON.stringify(after)) return before;
    projects.set(id, after);
    sequence += 1;
    journal.push({ sequence, atMs: now(), id, by, before, after });
    if (journal.length > JOURNAL_ENTRIES_MAX) journal.shift();
    return after;
  }

  /** The vendor's own client asks for a new project for 50 s (terraform-provider). */
  const isShown = (project: JsonObject): boolean => {
    const createdAt = project[CREATED_AT];
    return typeof createdAt !== 'number' || !isHiddenYet(unkind, createdAt, now());
  };

  return {
    get: (id: string) => {
      const project = projects.get(id);
      return project !== undefined && isShown(project) ? project : undefined;
    },
    all: () => Array.from(projects.values()).filter(isShown),
    /** The project, whether calls show it or not. */
    peek: (id: string) => projects.get(id),
    ids: () => Array.from(projects.keys()),
    /** Stores a new project, which other calls may show later. */
    add: (given: JsonObject): JsonObject | undefined => {
      if (projects.size >= PROJECTS_MAX) return undefined;
      const id = crypto.randomUUID().replaceAll('-', '');
      const own = { ...ownProject(id, ''), ...given };
      const project = { ...storedUnkindly(unkind, TEXTS, {}, own), [CREATED_AT]: now() };
      projects.set(id, project);
      return project;
    },
    remove: (id: string) => projects.delete(id),
    put,
    findByName: (name: string | undefined) =>
      Array.from(projects.values()).find((project) => project.name === name),
    /** Names are unique in the account: 409 (IAM API reference, Modifying Project Data). */
    isNameTaken: (name: string, ownId: string) =>
      Array.from(projects.values()).some(
        (project) => project.name === name && project.id !== ownId,
      ),
    outsideWrite: (id: string, change: JsonObject) => {
      const before = projects.get(id);
      if (before === undefined) throw new RangeError(`no project ${id}`);
      put(id, { ...before, ...change }, 'outside');
    },
    seed: (id: string, resource: JsonObject) => {
      if (projects.size >= PROJECTS_MAX) throw new RangeError('PROJECTS_MAX reached');
      projects.set(id, { ...ownProject(id, `eu-de_${id}`), ...resource, id });
    },
    journal: (): readonly SandboxChange[] => journal,
  };
}

function seededProjects(): JsonObject[] {
  return [
    ownProject(SEEDED.demo, 'eu-de_demo'),
    ownProject(SEEDED.taken, 'eu-de_taken'),
    // Built-in projects break the `{region}_{rest}` pattern (IAM user guide, Projects), and their
    // parent is the account.
    { ...ownProject(SEEDED.regionDefault, 'eu-de'), parent_id: ACCOUNT.domain.id },
    { ...ownProject(SEEDED.objectStorage, 'MOS'), parent_id: ACCOUNT.domain.id },
    // Keystone keeps a domain as a project that has neither a parent nor a domain.
    {
      ...ownProject(SEEDED.domain, ACCOUNT.domain.name),
      is_domain: true,
      parent_id: null,
      domain_id: null,
    },
  ];
}

function ownProject(id: string, name: string): JsonObject {
  return {
    id,
    name,
    description: '',
    enabled: true,
    is_domain: false,
    parent_id: SEEDED.regionDefault,
    domain_id: ACCOUNT.domain.id,
    status: 'normal',
  };
}
