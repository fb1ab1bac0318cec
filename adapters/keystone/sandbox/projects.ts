import {
  isList,
  isObject,
  isRawNumber,
  type Json,
  type JsonObject,
  own,
  ownObject,
  ownText,
} from '../../../src/adapter-kit/json.ts';
import { storedUnkindly, type Unkind } from '../../sandbox-kit/unkind.ts';
import type { Journal } from './journal.ts';
import { pythonStrip } from './python.ts';
import { breaksTextColumns } from './schema.ts';
import { DOMAIN, SEEDED_PROJECTS } from './seed.ts';
import { KeystoneFault, notFoundProject } from './wire.ts';

/** Columns of the project table in the order answers have them; every other key is an extra. */
const ATTRIBUTES = [
  'id',
  'name',
  'domain_id',
  'description',
  'enabled',
  'parent_id',
  'is_domain',
  'tags',
] as const;

const COLUMNS: ReadonlySet<string> = new Set([...ATTRIBUTES, 'options', 'extra']);
/** Beyond this many projects creation is refused, as no test needs more. */
const PROJECTS_MAX = 10_000;

export type Projects = {
  readonly find: (id: string) => JsonObject | undefined;
  readonly all: () => readonly JsonObject[];
  /** The id of the project of that name in the default domain. */
  readonly named: (name: string) => string | undefined;
  /** Applies the body of a PATCH or throws the refusal; `crash` where Keystone's code breaks. */
  readonly update: (id: string, patch: JsonObject) => JsonObject | 'crash';
  readonly create: (id: string, project: JsonObject) => JsonObject;
  readonly remove: (id: string) => void;
  /** Stores or deletes a project without any rule. */
  readonly drop: (id: string) => void;
  readonly put: (id: string, project: JsonObject) => void;
};

/** Members that hold free text. */
const TEXTS = ['name', 'description'];

export function createProjects(journal: Journal, unkind?: Unkind): Projects {
  const projects = new Map<string, JsonObject>();
  for (const seeded of SEEDED_PROJECTS) projects.set(ownText(seeded, 'id') ?? '', seeded);
  const children = (id: string) => [...projects.values()].filter((p) => p.parent_id === id);
  const find = (id: string) => projects.get(id);
  const holderOf = (name: Json, domainId: Json) =>
    [...projects.values()].find((p) => p.name === name && p.domain_id === domainId);

  return {
    find,
    all: () => [...projects.values()],
    named: (name) => ownText(holderOf(name, DOMAIN.id) ?? {}, 'id'),
    update: (id, patch) => {
      const before = find(id);
      if (before === undefined) throw notFoundProject(id);
      const wanted = checkedPatch(id, before, patch, find);
      if (before.enabled !== false && wanted.enabled === false && !before.is_domain) {
        if (hasEnabledBelow(id, children)) {
          const text = `Cannot disable project ${id} since its subtree contains enabled projects.`;
          throw new KeystoneFault(403, text);
        }
      }
      if (breaksTextColumns(wanted)) return 'crash';
      const after = merged(before, wanted);
      const holder = holderOf(after.name ?? null, after.domain_id ?? null);
      if (holder !== undefined && holder.id !== id) return nameConflict(after, patch);
      const stored = storedUnkindly(unkind, TEXTS, before, after);
      projects.set(id, stored);
      journal.note(id, 'request', before, stored);
      return stored;
    },
    create: (id, given) => {
      const name = pythonStrip(ownText(given, 'name') ?? '');
      const project = created(id, { ...given, name });
      const domainId = ownText(project, 'domain_id') ?? '';
      if (find(domainId)?.is_domain !== true) {
        throw new KeystoneFault(400, `Could not find domain: ${domainId}.`);
      }
      const parentId = ownText(project, 'parent_id') ?? '';
      // Not the 404 of a project that is asked for (record of Keystone 22).
      if (find(parentId) === undefined) {
        throw new KeystoneFault(400, `Could not find project: ${parentId}.`);
      }
      if (holderOf(name, project.domain_id ?? null)) throw conflict(name, id);
      if (projects.size >= PROJECTS_MAX) throw new KeystoneFault(403, 'The sandbox is full.');
      // Reads show tags in order (record of Keystone 22).
      const tags = isList(project.tags) ? project.tags.toSorted() : [];
      projects.set(id, { ...project, tags });
      return project;
    },
    remove: (id) => {
      const project = projects.get(id);
      if (project === undefined) throw notFoundProject(id);
      checkRemovable(id, project, children(id).length > 0);
      projects.delete(id);
    },
    drop: (id) => {
      projects.delete(id);
    },
    put: (id, project) => projects.set(id, project),
  };
}

/** Throws for a project that is locked, or that others stand below. */
function checkRemovable(id: string, project: JsonObject, hasChildren: boolean): void {
  // Its text has only one of two backquotes (record of Keystone 22).
  if (own(ownObject(project, 'options') ?? {}, 'immutable') === true) {
    const text =
      `Unable to delete immutable project resource: \`${id}. ` +
      'Set resource option "immutable" to false first.';
    throw new KeystoneFault(403, text);
  }
  // transcript: delete a project with a child.
  if (hasChildren) {
    const text =
      `Cannot delete the project ${id} since it is not a leaf in the hierarchy. ` +
      'Use the cascade option if you want to delete a whole subtree.';
    throw new KeystoneFault(403, text);
  }
}

/**
 * keystone/resource/core.py `_update_project`, in its order of checks. Returns the patch with the
 * name as it will be stored.
 */
function checkedPatch(
  id: string,
  before: JsonObject,
  patch: JsonObject,
  find: Projects['find'],
): JsonObject {
  // transcript: domain_id changed; null counts as a change.
  if (Object.hasOwn(patch, 'domain_id') && patch.domain_id !== before.domain_id) {
    throw new KeystoneFault(400, 'Cannot change Domain ID');
  }
  // transcript: immutable. Only `options.immutable`, alone, can be unset.
  if (ownObject(before, 'options')?.immutable === true && !isUnlocking(patch)) {
    throw new KeystoneFault(
      403,
      `Unable to update immutable project resource: \`${id}. ` +
        'Set resource option "immutable" to false first.',
    );
  }
  if (Object.hasOwn(patch, 'parent_id') && patch.parent_id !== before.parent_id) {
    throw new KeystoneFault(403, 'Update of `parent_id` is not allowed.');
  }
  if (Object.hasOwn(patch, 'is_domain') && patch.is_domain !== before.is_domain) {
    throw new KeystoneFault(400, 'Update of `is_domain` is not allowed.');
  }
  // A patch without `enabled` counts as enabling here, so under a disabled parent every patch of
  // a disabled project is refused (compared with Keystone 22).
  if (before.enabled === false && patch.enabled !== false) {
    if (hasDisabledAbove(before, find)) {
      const text = `Cannot enable project ${id} since it has disabled parents`;
      throw new KeystoneFault(403, text);
    }
  }
  const name = ownText(patch, 'name');
  // transcript: name with outer spaces (stripped), only when it differs from the stored one.
  return name === undefined || name === before.name ? patch : { ...patch, name: pythonStrip(name) };
}

function isUnlocking(patch: JsonObject): boolean {
  const options = ownObject(patch, 'options');
  return (
    Object.keys(patch).length === 1 &&
    options !== undefined &&
    Object.hasOwn(options, 'immutable') &&
    options.immutable !== true
  );
}

/** A null option is removed; `id` and a key called `extra` are not written (transcripts). */
function merged(before: JsonObject, patch: JsonObject): JsonObject {
  const after = new Map<string, Json>(Object.entries(before));
  for (const [key, value] of Object.entries(patch)) {
    if (key !== 'id' && key !== 'extra' && key !== 'options') after.set(key, value);
  }
  const options = { ...ownObject(before, 'options'), ...ownObject(patch, 'options') };
  after.set('options', Object.fromEntries(Object.entries(options).filter(([, v]) => v !== null)));
  return Object.fromEntries(after);
}

/**
 * Keystone 22 builds its 409 from the `id` in the body and breaks without one (transcript: name
 * taken by another project, with and without id).
 */
function nameConflict(after: JsonObject, patch: JsonObject): 'crash' {
  if (!Object.hasOwn(patch, 'id')) return 'crash';
  throw conflict(ownText(after, 'name') ?? '', ownText(after, 'id') ?? '');
}

function conflict(name: string, id: string): KeystoneFault {
  return new KeystoneFault(
    409,
    'Conflict occurred attempting to store project - it is not permitted to have two projects ' +
      'with either the same name or same id in the same domain: ' +
      `name is ${name}, project id ${id}.`,
  );
}

function created(id: string, given: JsonObject): JsonObject {
  const defaults = {
    domain_id: DOMAIN.id,
    description: '',
    enabled: true,
    parent_id: own(given, 'domain_id') ?? DOMAIN.id,
    is_domain: false,
    tags: [],
    options: {},
  };
  const named = Object.entries(given).filter(([key, v]) => key !== 'extra' && v !== null);
  return { ...defaults, ...Object.fromEntries(named), id };
}

function hasEnabledBelow(id: string, children: (id: string) => readonly JsonObject[]): boolean {
  return children(id).some(
    (child) => child.enabled !== false || hasEnabledBelow(ownText(child, 'id') ?? '', children),
  );
}

function hasDisabledAbove(project: JsonObject, find: Projects['find']): boolean {
  const parent = find(ownText(project, 'parent_id') ?? '');
  if (parent === undefined) return false;
  return parent.enabled === false || hasDisabledAbove(parent, find);
}

/**
 * A project as answers show it: extras first, then the columns. PATCH answers repeat the extras
 * below `extra` (transcript: name only). Extras called `links` shadow the real ones
 * (transcript: get after that), and one that is no object makes every answer a 400.
 */
export function projectAnswer(
  project: JsonObject,
  self: string,
  shape: 'plain' | 'with-extra',
): JsonObject {
  const extras = Object.fromEntries(Object.entries(project).filter(([key]) => !COLUMNS.has(key)));
  const links = own(extras, 'links');
  if (links !== undefined && !isObject(links)) throw unassignable(links);
  if (links !== undefined) setOwn(extras, 'links', { ...links, self });
  return {
    ...extras,
    ...Object.fromEntries(ATTRIBUTES.map((key) => [key, project[key] ?? null])),
    ...(shape === 'with-extra' ? { extra: extras } : {}),
    options: project.options ?? {},
    ...(links === undefined ? { links: { self } } : {}),
  };
}

function setOwn(target: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true });
}

function unassignable(value: Json): KeystoneFault {
  if (Array.isArray(value)) {
    return new KeystoneFault(400, 'list indices must be integers or slices, not str');
  }
  return new KeystoneFault(400, `'${typeName(value)}' object does not support item assignment`);
}

function typeName(value: Json): string {
  if (value === null) return 'NoneType';
  if (isRawNumber(value)) return /^-?\d+$/.test(value.rawJSON) ? 'int' : 'float';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'boolean' ? 'bool' : 'str';
}
