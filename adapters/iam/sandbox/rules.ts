import * as z from 'zod/mini';
import { parsePlain } from '../../../src/adapter-kit/exact-json.ts';
import type { JsonObject } from '../../../src/adapter-kit/json.ts';
import { decodeUtf8 } from '../../sandbox-kit/request-body.ts';
import { answer, iamError, keystoneError } from './answers.ts';

/** IAM refuses larger bodies with IAM.1101 (IAM API reference, Error Codes). */
export const BODY_BYTES_MAX = 32 * 1024;
const NAME_CHARACTERS_MAX = 64;
const DESCRIPTION_CHARACTERS_MAX = 255;

const NAME = /^[A-Za-z0-9-]+_[A-Za-z0-9_-]+$/;

const PatchBody = z.strictObject({
  project: z.strictObject({ name: z.optional(z.string()), description: z.optional(z.string()) }),
});
const StatusBody = z.strictObject({
  project: z.strictObject({ status: z.enum(['normal', 'suspended']) }),
});

/** The JSON of a request body, or the refusal of a body that IAM does not read. */
export function readJson(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
): { json: unknown } | Response {
  // IAM.1101 to IAM.1103: body empty or over 32 KB (IAM API reference, Error Codes).
  if (body.byteLength > BODY_BYTES_MAX) {
    return iamError(400, 'IAM.1101', 'The request body is larger than 32 KB.');
  }
  if (body.byteLength === 0) return iamError(400, 'IAM.1102', 'The request body is empty.');
  // Content-Type is mandatory on every call with a body (IAM API reference, each call's headers).
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return keystoneError(400, 'Expecting application/json in Content-Type.');
  }
  const json = parsePlain(decodeUtf8(body) ?? '');
  return json === undefined ? keystoneError(400, 'Expecting a valid JSON body.') : { json };
}

/** The project after `PATCH /v3/projects/{id}`, or its refusal. */
export function patchedProject(
  current: JsonObject,
  json: unknown,
  isNameTaken: (name: string) => boolean,
): { next: JsonObject } | Response {
  // Reading: a domain is not modified through the project calls; the documents are silent.
  if (current.is_domain === true) return keystoneError(403, 'The domain cannot be modified here.');
  // Reading: parameters that the call does not list (`enabled`, `tags`), and null, are refused.
  const body = PatchBody.safeParse(json);
  if (!body.success) return keystoneError(400, 'The project object is invalid.');
  const { name, description } = body.data.project;
  // Either is required (IAM API reference of 2026-01, Modifying Project Data).
  if (name === undefined && description === undefined) {
    return keystoneError(400, 'Either name or description is required.');
  }
  const refusal =
    (name === undefined ? undefined : refusedName(current, name, isNameTaken)) ??
    (description === undefined ? undefined : refusedDescription(description));
  return (
    refusal ?? {
      next: {
        ...current,
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
      },
    }
  );
}

const CreateBody = z.strictObject({
  project: z.strictObject({
    name: z.string(),
    description: z.optional(z.string()),
    domain_id: z.optional(z.string()),
    parent_id: z.optional(z.string()),
  }),
});

/** The members of a new project (IAM API reference, Creating a Project), or its refusal. */
export function newProject(
  json: unknown,
  domainId: string,
  all: readonly JsonObject[],
): { project: JsonObject } | Response {
  const body = CreateBody.safeParse(json);
  if (!body.success) return keystoneError(400, 'The project object is invalid.');
  const { description = '', domain_id: domain = domainId, name, parent_id } = body.data.project;
  if (domain !== domainId) return keystoneError(403, 'The domain is another account.');
  // The name begins with an existing region; its own project is the parent where none is named.
  const region = all.find((project) => project.name === regionPart(name));
  if (!NAME.test(name) || name.length > NAME_CHARACTERS_MAX || region === undefined) {
    return keystoneError(400, 'The project name is invalid.');
  }
  const parent = parent_id ?? String(region.id);
  if (!all.some((project) => project.id === parent)) {
    return keystoneError(400, `Could not find project: ${parent}.`);
  }
  return (
    refusedDescription(description) ?? {
      project: { name, description, domain_id: domain, parent_id: parent },
    }
  );
}

/** The project after `PUT /v3-ext/projects/{id}` at the time `nowMs`, or its refusal. */
export function projectWithStatus(
  current: JsonObject,
  json: unknown,
  nowMs: number,
): { next: JsonObject } | Response {
  if (current.is_domain === true) return iamError(403, 'IAM.0002', 'Not allowed for a domain.');
  // normal or suspended (IAM API reference, Setting the Status of a Specified Project).
  const body = StatusBody.safeParse(json);
  if (!body.success) return iamError(400, 'IAM.0007', 'Request parameter status is invalid.');
  const { status } = body.data.project;
  if (current.status === status) return { next: current };
  const { suspended_time: _, ...rest } = current;
  // `enabled` stays true: the documents' own example shows a suspended project that is enabled.
  return {
    next: {
      ...rest,
      status,
      ...(status === 'suspended' ? { suspended_time: new Date(nowMs).toISOString() } : {}),
    },
  };
}

function refusedName(
  current: JsonObject,
  name: string,
  isNameTaken: (name: string) => boolean,
): Response | undefined {
  // At most 64 characters with the prefix (IAM API reference, Modifying Project Data); letters,
  // digits, `-` and `_` (IAM user guide, Projects).
  if (name.length > NAME_CHARACTERS_MAX || !NAME.test(name)) {
    return keystoneError(400, 'The project name is invalid.');
  }
  // The region part cannot change (IAM user guide, Projects), and the answer to a try has no
  // content (terraform-provider-opentelekomcloud#1799). Built-in projects have no such part.
  if (regionPart(name) !== regionPart(String(current.name))) return answer(400, null);
  if (isNameTaken(name)) return keystoneError(409, 'The project name is in use.');
  return undefined;
}

/** At most 255 characters; an empty one is accepted, as in Keystone. */
function refusedDescription(description: string): Response | undefined {
  return Array.from(description).length > DESCRIPTION_CHARACTERS_MAX
    ? keystoneError(400, 'The project description is too long.')
    : undefined;
}

function regionPart(name: string): string | undefined {
  const at = name.indexOf('_');
  return at < 0 ? undefined : name.slice(0, at);
}
