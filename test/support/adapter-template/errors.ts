import {
  bodyObject,
  codeOfStatus,
  type Fault,
  type HttpResponse,
  optional,
  ownText,
  vendorFault,
} from '../../../src/adapter-kit/index.ts';

/** The fault behind a response that is no success; a code of the vendor says more than a status. */
export function faultOf(response: HttpResponse): Fault {
  const body = bodyObject(response) ?? {};
  return vendorFault(codeOfStatus(response.status), response, {
    ...optional('code', ownText(body, 'code')),
    ...optional('message', ownText(body, 'message')),
  });
}
