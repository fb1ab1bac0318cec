import {
  bodyObject,
  codeOfStatus,
  type Fault,
  type FaultCode,
  type HttpResponse,
  isSuccess,
  type Json,
  type JsonObject,
  optional,
  own,
  ownObject,
  ownText,
  vendorFault,
} from '../../src/adapter-kit/index.ts';

/**
 * The API gateway's codes, each with the status it comes with
 * (api-gov.ncloud-docs.com, api-call-lgc-errorhandling). The service behind it has numbers of its
 * own, so a code counts as the gateway's only together with its status.
 */
const GATEWAY_CODES: ReadonlyMap<string, { readonly status: number; readonly means: FaultCode }> =
  new Map([
    ['100', { status: 400, means: 'rejected_by_target' }],
    ['200', { status: 401, means: 'target_unauthorized' }],
    ['210', { status: 401, means: 'target_forbidden' }],
    ['300', { status: 404, means: 'target_misconfigured' }],
    ['400', { status: 429, means: 'target_rate_limited' }],
    ['410', { status: 429, means: 'target_rate_limited' }],
    ['420', { status: 429, means: 'target_rate_limited' }],
    ['430', { status: 413, means: 'rejected_by_target' }],
    ['500', { status: 503, means: 'target_unavailable' }],
    ['510', { status: 504, means: 'target_timeout' }],
    ['900', { status: 500, means: 'target_unavailable' }],
  ]);

/** Sub Account pages list errors of missing resources in Korean (management-subaccount-…). */
const NOT_FOUND = /not[ _-]?found|(?:does|do)(?: not|n't) exist|no such|존재하지\s?않|찾을 수 없/i;

/** A missing role is a value of the patch, not the profile. */
const ROLE = /\brole|역할|ロール/i;

/** The content of an error body, whichever of the shapes it has. */
type VendorError = {
  readonly code?: string;
  readonly message?: string;
  readonly requestId?: string;
};

/**
 * An answer of NAVER Cloud. The body decides, not its content type: the API gateway's and the
 * service's `error`, Sub Account's flat `errorCode`, other products' `responseError`, or text.
 */
export function naverFault(response: HttpResponse): Fault {
  const error = vendorErrorIn(bodyObject(response) ?? {});
  return vendorFault(meaningOf(response, error), response, {
    ...error,
    ...optional('requestId', error.requestId ?? requestIdOf(response)),
  });
}

/**
 * Reports whether the body of a 2xx is an error: this platform has sent such answers.
 */
export function hasError(body: JsonObject): boolean {
  if (ownText(body, 'profileId') !== undefined) return false;
  return (
    ownObject(body, 'error') !== undefined ||
    vendorErrorIn(body).code !== undefined ||
    own(body, 'success') === false
  );
}

function meaningOf(response: HttpResponse, error: VendorError): FaultCode {
  const { status } = response;
  const success = isSuccess(response);
  const gateway = GATEWAY_CODES.get(error.code ?? '');
  // In a 2xx only the service's request id distinguishes its numbers from the gateway's.
  if (
    gateway !== undefined &&
    (success ? error.requestId === undefined : status === gateway.status)
  ) {
    return gateway.means;
  }
  const service = error.code !== undefined;
  if (!service || !(success || status === 400 || status === 404)) return codeOfStatus(status);
  const words = `${error.code} ${error.message ?? ''}`;
  if (ROLE.test(words)) return success ? 'target_invalid_response' : 'rejected_by_target';
  if (status === 404 || NOT_FOUND.test(words)) return 'profile_not_found';
  return codeOfStatus(status);
}

function vendorErrorIn(body: JsonObject): VendorError {
  const other = ownObject(body, 'responseError');
  if (other !== undefined) {
    return {
      ...optional('code', codeText(own(other, 'returnCode'))),
      ...optional('message', ownText(other, 'returnMessage')),
    };
  }
  const error = ownObject(body, 'error') ?? body;
  return {
    ...optional('code', codeText(own(error, 'errorCode'))),
    ...optional('message', messageOf(error)),
    ...optional('requestId', ownText(error, 'requestId')),
  };
}

/** Documented as an integer, shown as a string, and seen as both. */
function codeText(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The gateway's message is a title; its `details` name the missing header or permission. */
function messageOf(error: JsonObject): string | undefined {
  const details = ownText(error, 'details') ?? ownText(error, 'detail') ?? '';
  const parts = [ownText(error, 'message') ?? '', details].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(': ');
}

/** Headers seen on answers of the same API gateway; no page of this product names them. */
function requestIdOf({ headers }: HttpResponse): string | undefined {
  return headers['x-ncp-trace-id'] ?? headers['x-ncp-apigw-request-id'];
}
