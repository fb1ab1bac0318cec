import {
  bodyObject,
  codeOfStatus,
  type Effect,
  effectOf,
  type Fault,
  type FaultCode,
  type HttpResponse,
  isRawNumber,
  isSuccess,
  type Json,
  type JsonObject,
  optional,
  own,
  ownObject,
  ownText,
  vendorFault,
} from '../../src/adapter-kit/index.ts';
import { ACCOUNT_LOCKED } from '../keystone/errors.ts';

/** IAM's codes that are more precise than the status (IAM API reference, Error Codes). */
const IAM_CODES: Readonly<Record<string, FaultCode>> = {
  '0004': 'profile_not_found',
  '0005': 'conflict',
  '0012': 'target_rate_limited',
  // The service moves to another region and promises to come back by itself: sent as a 410.
  '0020': 'target_unavailable',
  // The account is locked after failed logins.
  '0061': 'target_unauthorized',
  // An authorization failure that is sent as a 401.
  '0064': 'target_forbidden',
  // Access key on a deny list, expired, unknown, inactive; security token expired: sent as a 400.
  '1104': 'target_unauthorized',
  '1105': 'target_unauthorized',
  '1106': 'target_unauthorized',
  '1107': 'target_unauthorized',
  '1108': 'target_unauthorized',
  '1109': 'profile_not_found',
};

/**
 * Meaning of the codes of the API gateway in front. Shared gateways write `APIGW.`, dedicated ones
 * `APIG.`, with the same numbers but some other statuses (API Gateway user guide, Error Codes).
 */
const GATEWAY_CODES: Readonly<Record<string, FaultCode>> = {
  '0101': 'target_misconfigured',
  '0103': 'target_misconfigured',
  '0104': 'target_misconfigured',
  '0301': 'target_unauthorized',
  '0302': 'target_forbidden',
  '0303': 'target_unauthorized',
  '0306': 'target_forbidden',
  '0307': 'target_unauthorized',
  '0308': 'target_rate_limited',
  '0310': 'target_forbidden',
  '0402': 'target_forbidden',
  '0802': 'target_forbidden',
};

/** Sent by the gateway in front when a header, such as a long token, is above its limits. */
const HEADERS_TOO_LARGE = 494;

/**
 * Rules of Keystone about projects that it answers with 403, unlike a missing right (Keystone,
 * resource/core.py and immutable.py).
 */
const BUSINESS_RULE =
  /^(?:Unable to \w+ immutable|Cannot (?:(?:dis|en)able project|delete) |Update of `?parent_id)/;

/**
 * An answer of IAM, in one of its shapes: Keystone's `error.message`, the vendor's own
 * `error_code` and `error_msg`, the same of the API gateway in front, a number as `code`, `null`,
 * nothing, or a proxy's HTML. `id` is the project that the request was about.
 */
export function iamFault(response: HttpResponse, id?: string): Fault {
  const body = bodyObject(response) ?? {};
  const error = ownObject(body, 'error');
  const code = codeOf(error, body, response.status);
  const message =
    ownText(error, 'message') ?? ownText(body, 'error_msg') ?? ownText(body, 'message');
  const upstream = {
    ...optional('code', code),
    ...optional('message', message),
    ...optional('requestId', requestIdOf(body, response)),
  };
  return {
    ...vendorFault(
      meaning(response, code, message, id),
      response,
      upstream,
      effect(response, code),
    ),
    ...(code === ACCOUNT_LOCKED ? { isAccountLocked: true } : {}),
  };
}

function meaning(
  response: HttpResponse,
  code: string | undefined,
  message: string | undefined,
  id: string | undefined,
): FaultCode {
  const { status } = response;
  // A success with an error in it leaves open what was done.
  if (isSuccess(response)) return 'target_invalid_response';
  const known = knownCode(code);
  if (known !== undefined) return known;
  if (status === 404 && namesProject(message, id)) return 'profile_not_found';
  if (status === 403 && message !== undefined && BUSINESS_RULE.test(message)) return 'conflict';
  return status === HEADERS_TOO_LARGE ? 'target_misconfigured' : codeOfStatus(status);
}

function knownCode(code: string | undefined): FaultCode | undefined {
  const [, service, number = ''] = /^(IAM|APIGW?)\.(\d{4})$/.exec(code ?? '') ?? [];
  if (service === undefined) return undefined;
  return (service === 'IAM' ? IAM_CODES : GATEWAY_CODES)[number];
}

/**
 * Reports whether a 404 is about the project: Keystone names it, other 404s are about the path. The
 * project of the credential's own scope, once deleted, is a 404 to any request (Keystone 22.0.2).
 */
function namesProject(message: string | undefined, id: string | undefined): boolean {
  const [isNamed, named] =
    /^Could not find project\b(?::\s*([0-9a-f-]+))?/i.exec(message ?? '') ?? [];
  return isNamed !== undefined && (id === undefined || named === undefined || named === id);
}

/** A path that the gateway in front does not publish reached no service, under any status. */
function effect(response: HttpResponse, code: string | undefined): Effect {
  return /^APIGW?\.0101$/.test(code ?? '') && !isSuccess(response)
    ? 'none'
    : effectOf(response.status);
}

/** The first code that is not the HTTP status once more. */
function codeOf(
  error: JsonObject | undefined,
  body: JsonObject,
  status: number,
): string | undefined {
  return [own(error ?? {}, 'code'), own(body, 'error_code'), own(body, 'code')]
    .map(codeText)
    .find((code) => code !== undefined && code !== String(status));
}

function codeText(code: Json | undefined): string | undefined {
  if (typeof code === 'string') return code;
  if (isRawNumber(code)) return code.rawJSON;
  return typeof code === 'number' ? String(code) : undefined;
}

function requestIdOf(body: JsonObject, { headers }: HttpResponse): string | undefined {
  return (
    ownText(body, 'request_id') ?? headers['x-request-id'] ?? headers['x-openstack-request-id']
  );
}
