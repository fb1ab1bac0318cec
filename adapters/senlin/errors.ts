import {
  bodyObject,
  codeOfStatus,
  type Effect,
  effectOf,
  type Fault,
  type FaultCode,
  type HttpResponse,
  optional,
  ownObject,
  ownText,
  vendorFault,
} from '../../src/adapter-kit/index.ts';

/** The message of the 400 to a patch that changes nothing (senlin/conductor/service.py). */
export const NO_UPDATE = 'No property needs an update.';

/**
 * An answer of Senlin, in one of four shapes: the fault middleware's `error.type` and
 * `error.message`, keystonemiddleware's `error.message`, webob's `message`, or a proxy's HTML.
 */
export function senlinFault(response: HttpResponse): Fault {
  const body = bodyObject(response) ?? {};
  const error = ownObject(body, 'error');
  const type = ownText(error, 'type');
  const message = ownText(error, 'message') ?? ownText(body, 'message');
  const upstream = {
    ...optional('code', type),
    ...optional('message', message ?? ownText(body, 'explanation')),
    ...optional('requestId', response.headers['x-openstack-request-id']),
  };
  switch (type) {
    case 'ResourceNotFound':
      return vendorFault(notFoundCode(message), response, upstream);
    case 'MultipleChoices':
      return vendorFault('profile_not_found', response, upstream);
    case 'MessagingTimeout':
      return vendorFault('target_timeout', response, upstream, 'queued');
    case 'InternalError':
      // Keystone refuses the trust of a first call to application credentials; its 403 becomes
      // this 500, before the request is processed (senlin/drivers/sdk.py).
      return isTrustRefusal(message)
        ? vendorFault('target_unauthorized', response, upstream, 'none')
        : vendorFault('target_unavailable', response, upstream);
    default:
      return vendorFault(
        codeOfStatus(response.status),
        response,
        upstream,
        effectWithoutType(response.status),
      );
  }
}

/**
 * Returns the effect of an answer that Senlin itself did not write. A proxy in front that gives up
 * on the API sends 502 or 504 while the request waits in the queue, as with `MessagingTimeout`.
 */
function effectWithoutType(status: number): Effect {
  return status === 502 || status === 504 ? 'queued' : effectOf(status);
}

/** A profile type that the server has not loaded is a 404 too, but not about the profile. */
function notFoundCode(message: string | undefined): FaultCode {
  return message?.startsWith('The profile_type') ? 'target_misconfigured' : 'profile_not_found';
}

function isTrustRefusal(message: string | undefined): boolean {
  return message !== undefined && /\(HTTP 403\)|not authorized to perform/.test(message);
}
