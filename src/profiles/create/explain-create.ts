import { type Fault, optional } from '../../adapter-kit/index.ts';
import type { Ports } from '../../ports.ts';
import { refuseNow } from '../../upstream/send-once.ts';
import { refuseByMode } from '../../upstream/target.ts';
import type { Explanation } from '../explain-patch.ts';
import { policyOf, refusal } from '../explain-patch.ts';
import { type ExplainedRequest, explainRequest } from '../explained-requests.ts';
import type { Gateway } from '../patch-request.ts';
import type { CreateRequest } from './create-request.ts';
import type { CreateLinks } from './create-run.ts';
import { type PlannedCreate, planForCreate } from './plan-create.ts';

/** Effect that a create would have, found without sending anything. */
export type CreateExplanation = Pick<
  Explanation,
  'target' | 'version' | 'problem' | 'atomic' | 'losses' | 'requests' | 'policy'
> & {
  /** The id that the profile would be linked to. */
  readonly id?: string;
  readonly prediction: 'write' | 'rejected';
  /** True if the create needs an idempotency key. */
  readonly needsKey: boolean;
};

/** Explains a create as `createProfile` would serve it now; sends nothing. */
export async function explainCreate(
  gateway: Gateway,
  ports: Ports,
  request: Omit<CreateRequest, 'requestId' | 'idempotency' | 'endMs'>,
  links: Pick<CreateLinks, 'refusal'>,
): Promise<CreateExplanation> {
  const { id, target, version } = request;
  const { create } = target.connection;
  const needsKey = create?.repeat === 'twin' && !target.createWithoutKey;
  const common = { target: target.name, ...optional('id', id), version, needsKey };
  const policy = policyOf(ports, target);
  const refused = (fault: Fault): CreateExplanation => ({
    ...common,
    ...refusal(fault, target),
    policy,
  });
  const closed = refuseByMode(target, 'write');
  if (closed !== undefined) return refused(closed);
  const planned = planForCreate(gateway, request);
  if (!planned.ok) return refused(planned.fault);
  const unsendable = links.refusal ?? refuseNow(target);
  if (unsendable !== undefined) return refused(unsendable);
  const { losses } = planned.value;
  const requests = await requestsOf(request.target, ports, planned.value);
  return { ...common, prediction: 'write', atomic: true, losses, requests, policy };
}

/** Returns the requests of a create as they follow each other when each one succeeds. */
async function requestsOf(
  target: CreateRequest['target'],
  ports: Ports,
  { changes, operation }: PlannedCreate,
): Promise<ExplainedRequest[]> {
  const { authorization } = target.connection;
  const trace = operation.traceOf(changes);
  const steps = [
    ...(authorization.kind === 'token'
      ? [{ name: 'token', conversation: authorization.acquire(), carried: [] }]
      : []),
    ...(trace === undefined
      ? []
      : [{ name: 'search', conversation: operation.find(trace), carried: [] }]),
    { name: 'create', conversation: operation.send(changes), carried: changes },
  ];
  const requests: ExplainedRequest[] = [];
  for (const { carried, conversation, name } of steps) {
    const first = conversation.next();
    if (first.done === true) continue;
    requests.push(await explainRequest(target, ports, first.value, name, carried, undefined));
  }
  return requests;
}
