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

/**
 * An answer of Keystone: `{"error":{"code","message","title"}}` (Keystone, exception.py). Its 400
 * to a token request means that it does not know the request's form: the configuration is wrong.
 */
export function keystoneFault(response: HttpResponse): Fault {
  const code = codeOfStatus(response.status);
  const body = bodyOf(response);
  // The gateway in front of Open Telekom Cloud's Keystone has names of its own for the same.
  const message = ownText(ownObject(body, 'error'), 'message') ?? ownText(body, 'error_msg');
  return vendorFault(
    code === 'rejected_by_target' || code === 'conflict' ? 'target_misconfigured' : code,
    response,
    {
      ...optional('code', ownText(body, 'error_code')),
      ...optional('message', message),
      ...optional('requestId', response.headers['x-openstack-request-id']),
    },
  );
}
