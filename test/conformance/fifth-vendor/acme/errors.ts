import {
  bodyObject,
  codeOfStatus,
  type Fault,
  type FaultCode,
  type HttpResponse,
  optional,
  own,
  ownObject,
  ownText,
  vendorFault,
} from '../../../../src/adapter-kit/index.ts';

/** The vendor's own numbers; which stand beside a status that says less. */
const MEANINGS: ReadonlyMap<string, FaultCode> = new Map([
  ['4040', 'profile_not_found'],
  ['4091', 'rejected_by_target'],
  ['4230', 'conflict'],
]);

/** The fault behind a response that is no success. */
export function acmeFault(response: HttpResponse): Fault {
  const told = ownObject(bodyObject(response), 'fault');
  const number = own(told ?? {}, 'no');
  const code = typeof number === 'number' ? String(number) : undefined;
  const means = MEANINGS.get(code ?? '') ?? codeOfStatus(response.status);
  const message = ownText(told, 'text');
  return vendorFault(means, response, {
    ...optional('code', code),
    ...optional('message', message),
  });
}
