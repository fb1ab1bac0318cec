import {
  type CreateDeclaration,
  type CreateOperation,
  type Fault,
  type Field,
  type FieldError,
  type ListDeclaration,
  type ListOperation,
  type OperationDeclarations,
  type StoredProfile,
  text,
  vendorFault,
  type WriteConversation,
  type WriteStep,
} from 'profile-gateway/adapter-kit';
import type { Sandbox, Unkind } from 'profile-gateway/sandbox-kit';

/** Each line below a directive must not compile; a directive that expects nothing fails. */
export const accepted: Partial<Field> = {
  pointer: '/name',
  wireName: 'label',
  access: 'read_write',
  confirmation: 'exact',
  codec: text,
};

export const memberOfNoField: Partial<Field> = {
  // @ts-expect-error
  vendorName: 'label',
};

export const valueOfNoMember: Partial<Field> = {
  // @ts-expect-error
  access: 'writable',
};

export const codecOfNoType: Partial<Field> = {
  // @ts-expect-error
  codec: 'text',
};

// @ts-expect-error
export const fieldWithoutMembers: Field = { pointer: '/name', wireName: 'label' };

const response = { status: 404, headers: {}, body: '' };
vendorFault('profile_not_found', response);
// @ts-expect-error
vendorFault('no_such_profile', response);

// @ts-expect-error
export const fault: Fault = { code: 'gone', detail: 'The profile is gone.', effect: 'none' };

const fieldError: FieldError = { pointer: '/name', code: 'read_only', detail: 'is set elsewhere' };
// @ts-expect-error
export const wrongFieldError: FieldError = { ...fieldError, code: 'readonly' };

const request = { method: 'PUT', origin: 'https://a.example', path: '/', headers: {} } as const;
export const step: WriteStep = { name: 'row', pointers: ['/name'], request };
// @ts-expect-error
export const stepWithoutRequest: WriteStep = { name: 'row', pointers: ['/name'] };
// @ts-expect-error
export const stepWithMethod: WriteStep = { ...step, request: { ...request, method: 'HEAD' } };
export const stepWithMember: WriteStep = {
  ...step,
  // @ts-expect-error
  fields: ['/name'],
};

export function* write(): WriteConversation {
  // @ts-expect-error
  yield request;
  yield step;
  const profile: StoredProfile | undefined = undefined;
  return { ok: true, value: { profile } };
}

// @ts-expect-error
export const sandbox: Sandbox = { fetch: () => new Response() };

export const list: ListDeclaration = {
  filters: [{ name: 'name', pointer: '/name', completeness: 'shifting' }],
  pageSizeMax: 50,
  completeness: 'stable',
  omitted: ['/attributes'],
};
export const listWithWrongFilter: ListDeclaration = {
  ...list,
  // @ts-expect-error
  filters: [{ wireName: 'label' }],
};
export const listWithWrongTrust: ListDeclaration = {
  ...list,
  // @ts-expect-error
  completeness: 'whole',
};
export const listWithoutPages: ListOperation = {
  ...list,
  // @ts-expect-error
  page: () => [],
};

const create: CreateDeclaration = { repeat: 'twin', settleMs: 1000, absence: 'unknown' };
// @ts-expect-error
export const createWithWrongRepeat: CreateDeclaration = { ...create, repeat: 'twice' };
// @ts-expect-error
export const createWithoutSearch: CreateOperation = { ...create, traceOf: () => undefined };

export const operations: OperationDeclarations = { list, create, delete: { absence: 'deleted' } };
// @ts-expect-error
export const wrongOperation: OperationDeclarations = { remove: { absence: 'deleted' } };
// @ts-expect-error
export const wrongAbsence: OperationDeclarations = { delete: { absence: 'archived' } };

export const onlyNew: Partial<Field> = { createOnly: true, requiredOnCreate: true };
export const memberOfNoNewField: Partial<Field> = {
  // @ts-expect-error
  required: true,
};

// @ts-expect-error
export const unkind: Unkind = { modes: () => ['unfriendly'] };
