import {
  type Change,
  type Connection,
  type Conversation,
  type CreateDeclaration,
  type CreateOperation,
  type Field,
  type HttpRequest,
  type JsonObject,
  type ListDeclaration,
  type ListPage,
  type ListRequest,
  type RemoveOperation,
  wireMembers,
} from '../../src/adapter-kit/index.ts';
import { CREATE_KEYSTONE, CREATE_OTC, checkRegion } from './create-rules.ts';
import { keystoneFields, otcFields, otcStatusFields } from './fields.ts';
import { keystoneList, readKeystonePage } from './list-keystone.ts';
import { otcList, otcStatusList, readOtcPage } from './list-otc.ts';
import {
  preflightDomain,
  preflightRegion,
  preflightRemoveBuiltIn,
  preflightRemoveDomain,
} from './preflight.ts';

/** Differences between the dialects. */
export type Dialect = {
  readonly fields: readonly Field[];
  /** Path of a project's read, up to its id. */
  readonly readPath: string;
  readonly contentType: string;
  readonly id: { readonly pattern: RegExp; readonly message: string };
  readonly preflight: NonNullable<Connection['preflight']>;
  readonly preflightRemove: NonNullable<RemoveOperation['preflight']>;
  readonly list: ListDeclaration;
  /** Reads a page; `domain` is the name of the domain of the credential, where it has one. */
  readonly readPage: (
    get: (path: string) => HttpRequest,
    request: ListRequest,
    domain: string | undefined,
  ) => Conversation<ListPage>;
  readonly create: CreateDeclaration;
  /** Returns what is wrong with a new project. */
  readonly checkNew: NonNullable<CreateOperation['check']>;
  /** The answer to a create lacks what a read shows. */
  readonly isReadAfterCreate: boolean;
  /** The body of a PATCH. */
  readonly project: (id: string, changes: readonly Change[]) => JsonObject;
};

export const PROJECTS = '/v3/projects/';
export const PROJECTS_WITH_STATUS = '/v3-ext/projects/';

export const otc: Dialect = {
  fields: otcFields,
  readPath: PROJECTS,
  contentType: 'application/json;charset=utf8',
  id: { pattern: /^[0-9a-f]{32}$/, message: '32 hexadecimal digits in lower case' },
  preflight: (changes, before) => {
    const errors = preflightDomain(changes, before);
    return errors.length > 0 ? errors : preflightRegion(changes, before);
  },
  preflightRemove: (before) => preflightRemoveDomain(before) ?? preflightRemoveBuiltIn(before),
  list: otcList,
  readPage: (get, request) => readOtcPage(get, request, otcFields),
  create: CREATE_OTC,
  checkNew: checkRegion,
  // The answer has other `links` than a read.
  isReadAfterCreate: true,
  project: (_id, changes) => wireMembers(changes),
};

export const otcWithStatus: Dialect = {
  ...otc,
  fields: otcStatusFields,
  readPath: PROJECTS_WITH_STATUS,
  list: otcStatusList,
  readPage: (get, request) => readOtcPage(get, request, otcStatusFields),
};

export const keystone: Dialect = {
  fields: keystoneFields,
  readPath: PROJECTS,
  contentType: 'application/json',
  id: {
    pattern: /^(?:[0-9a-f]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/,
    message: '32 hexadecimal digits in lower case, or a UUID with dashes',
  },
  preflight: preflightDomain,
  preflightRemove: preflightRemoveDomain,
  list: keystoneList,
  readPage: readKeystonePage,
  create: CREATE_KEYSTONE,
  checkNew: () => [],
  isReadAfterCreate: false,
  // Keystone builds its 409 for a name in use from the body's `id` and fails without it (22.0.2).
  project: (id, changes) => ({ id, ...wireMembers(changes) }),
};
