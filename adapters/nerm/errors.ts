import {
  bodyObject,
  type Change,
  codeOfStatus,
  effectOf,
  type Fault,
  type FaultCode,
  type HttpResponse,
  isList,
  isObject,
  isSuccess,
  type Json,
  type JsonObject,
  optional,
  own,
  ownObject,
  ownText,
  parseExact,
  vendorFault,
} from '../../src/adapter-kit/index.ts';

/** Most entries of a validation error that are passed on. */
const FIELD_ERRORS_MAX = 20;

/** Unknown and archived ids are a 400 with the first text (forum 87455); the spec has the other. */
const NOT_FOUND = /^(?:the requested )?profile (?:was )?not found\W*$/i;
/** Body or wrapper did not arrive as sent (api-specs 81ef79d0; forum 187994). */
const NOT_UNDERSTOOD = /^(?:invalid json syntax|param is missing)/i;
/** A validation error, also without `errors` (api-specs 81ef79d0). */
const NOT_VALID = /failed to (?:create|update)/i;

/**
 * An answer of NERM that is no success by status or by content: `{"error"}`, `{"error","errors"}`,
 * `{"message"}`, plain text, or a front end's HTML. NERM uses 400 for many errors, and a 200 can
 * contain one, so the text decides where the status does not.
 */
export function nermFault(response: HttpResponse): Fault {
  const text = errorText(response);
  const fieldErrors = fieldErrorsOf(response).map(([name, reason]) => `${name} ${reason}`);
  const message = [...(text === undefined ? [] : [text]), ...fieldErrors].join('; ');
  const code = codeOf(response.status, text);
  return vendorFault(
    code,
    response,
    {
      ...optional('message', message === '' ? undefined : message),
      ...optional('requestId', response.headers['x-request-id']),
    },
    isSuccess(response) && code !== 'target_invalid_response' ? 'none' : effectOf(response.status),
  );
}

/** `nermFault` of a refused write, with the fields of the patch that the vendor rejects. */
export function refusedWrite(response: HttpResponse, changes: readonly Change[]): Fault {
  const fault = nermFault(response);
  if (fault.code !== 'rejected_by_target') return fault;
  const names = new Set(fieldErrorsOf(response).map(([name]) => name));
  const errors = changes
    .filter((change) => names.has(change.key ?? change.field.wireName))
    .map(({ pointer }) => ({
      pointer,
      code: 'rejected' as const,
      detail: 'the target rejected this value',
    }));
  return errors.length === 0 ? fault : { ...fault, errors };
}

/**
 * `refusedWrite` of a create. Where the profile type compares attributes, `errors` may name the
 * profiles that it takes for the same (SailPoint, NEPAPIUtil.rb): that is a conflict.
 */
export function refusedCreate(response: HttpResponse, changes: readonly Change[]): Fault {
  const ids = duplicatesIn(response);
  if (ids === undefined) return refusedWrite(response, changes);
  const message = ['possible duplicates', ...ids].join(' ');
  return vendorFault('conflict', response, { message });
}

/** `possible_duplicates` has a list of profiles as its first element. */
function duplicatesIn(response: HttpResponse): string[] | undefined {
  const errors = ownObject(bodyObject(response), 'errors') ?? {};
  const duplicates = own(errors, 'possible_duplicates');
  if (isSuccess(response) || duplicates === undefined) return undefined;
  const listed = isList(duplicates) ? duplicates.flat() : [];
  return listed
    .slice(0, FIELD_ERRORS_MAX)
    .flatMap((profile) => (isObject(profile) ? (ownText(profile, 'id') ?? []) : []));
}

/** An empty list (forum 87455); the documentation has 200 with an empty array. */
const NO_PROFILES = /^no profiles found\W*$/i;

/** Reports whether the answer to a list is that of an empty one. */
export function reportsNoProfiles(response: HttpResponse): boolean {
  return response.status === 400 && NO_PROFILES.test(errorText(response) ?? '');
}

/** Reports whether a body has an `error` that is not empty; a 200 may have one. */
export function hasError(body: JsonObject | undefined): boolean {
  const error = body === undefined ? undefined : own(body, 'error');
  return error !== undefined && error !== null && error !== '' && error !== false;
}

function codeOf(status: number, text = ''): FaultCode {
  const byContent = status < 300 || status === 400 || status === 404 || status === 422;
  if (byContent && NOT_FOUND.test(text)) return 'profile_not_found';
  // The gateway always sends both, so something between the gateway and NERM removed them.
  if (byContent && NOT_UNDERSTOOD.test(text)) return 'target_misconfigured';
  if (byContent && NOT_VALID.test(text)) return 'rejected_by_target';
  return codeOfStatus(status);
}

function errorText(response: HttpResponse): string | undefined {
  const body = bodyObject(response);
  if (body === undefined) return plainText(response);
  return (
    ownText(body, 'error') ??
    ownText(ownObject(body, 'error'), 'message') ??
    ownText(body, 'message')
  )?.trim();
}

/**
 * A body that is one text, as JSON or bare. Markup and broken JSON yield no message. The
 * text is not cut here: redaction would not recognize half of a long token.
 */
export function plainText({ body }: HttpResponse): string | undefined {
  const value = parseExact(body);
  const text = (typeof value === 'string' ? value : body).trim();
  const isPlain = typeof value === 'string' || (value === undefined && !/^[<{["]/.test(text));
  return isPlain && text !== '' ? text : undefined;
}

/** `errors` of a validation error: names of fields or attributes, each with one text or several. */
function fieldErrorsOf(response: HttpResponse): [name: string, reason: string][] {
  const errors = ownObject(bodyObject(response), 'errors') ?? {};
  return Object.keys(errors)
    .slice(0, FIELD_ERRORS_MAX)
    .map((name) => [name, texts(own(errors, name) ?? null).join(', ')]);
}

function texts(value: Json): string[] {
  return (isList(value) ? value : [value]).filter((item) => typeof item === 'string');
}
