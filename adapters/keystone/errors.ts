import {
  bodyObject,
  codeOfStatus,
  type Fault,
  type HttpResponse,
  type JsonObject,
  optional,
  ownObject,
  ownText,
  vendorFault,
} from '../../src/adapter-kit/index.ts';

/** The body as an object, or an empty one. */
export function bodyOf(response: HttpResponse): JsonObject {
  return bodyObject(response) ?? {};
}

/** Open Telekom Cloud's code for an account locked by failed logins (IAM API reference). */
export const ACCOUNT_LOCKED = 'IAM.0061';

/**
 * An answer of Keystone: `{"error":{"code","message","title"}}` (Keystone, exception.py). Its 400
 * to a token request means that it does not know the request's form: the configuration is wrong.
 */
export function keystoneFault(response: HttpResponse): Fault {
  const body = bodyOf(response);
  const vendorCode = ownText(body, 'error_code');
  const isLocked = vendorCode === ACCOUNT_LOCKED;
  const code = isLocked ? 'target_unauthorized' : codeOfStatus(response.status);
  // The gateway in front of Open Telekom Cloud's Keystone has names of its own for the same.
  const message = ownText(ownObject(body, 'error'), 'message') ?? ownText(body, 'error_msg');
  return vendorFault(
    code === 'rejected_by_target' || code === 'conflict' ? 'target_misconfigured' : code,
    response,
    {
      ...optional('code', vendorCode),
      ...optional('message', message),
      ...optional('requestId', response.headers['x-openstack-request-id']),
    },
  );
}
