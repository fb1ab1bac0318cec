import { type Fault, ownFault } from '../../adapter-kit/index.ts';
import { CREATE_BOUNDS } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import type { LinkTargets } from '../../state/control/control-rows.ts';
import type { Begun, Lease } from '../../state/state-store.ts';
import { createWriteId } from '../../state/write-id.ts';
import { withExchange } from '../../upstream/exchange.ts';
import type { ExchangeResult } from '../../upstream/target-health.ts';
import { notBegun } from '../begin-write.ts';
import { type PatchAnswer, type Replay, refused } from '../patch-answer.ts';
import { createIntentOf, createKeys } from './create-record.ts';
import type { CreateRequest } from './create-request.ts';
import type { BegunCreate, CreateGateway, CreateLinks } from './create-run.ts';
import { type PlannedCreate, planForCreate } from './plan-create.ts';
import { answerCreateRepeat, findEarlierCreate } from './repeat-create.ts';
import { runCreate } from './run-create.ts';

/**
 * Creates a profile, once: an end that is not known stays open until a search shows it. A repeat of
 * the request is answered by what became of the first.
 */
export async function createProfile(
  gateway: CreateGateway,
  ports: Ports,
  request: CreateRequest,
  links: CreateLinks,
): Promise<PatchAnswer | Replay> {
  const { endMs, idempotency: keyed, target } = request;
  const writeId = createWriteId(ports);
  let refusal: PatchAnswer | undefined;
  const refuse = (fault: Fault): PatchAnswer => {
    refusal = { ...refused({ patch: request }, fault), writeId };
    return refusal;
  };
  const counted = { purpose: 'write', refused: refuse, resultOf: createResult } as const;
  const answer = await withExchange<PatchAnswer | Replay>(
    { target, ports, endMs, ...counted },
    async (exchange) => {
      const planned = planForCreate(gateway, request);
      if (!planned.ok) return refuse(planned.fault);
      const keyless = refuseKeyless(request, planned.value);
      if (keyless !== undefined) return refused({ patch: request }, keyless);
      if (links.refusal !== undefined) return refuse(links.refusal);
      const begun = await beginCreate(ports, request, planned.value, links.below, writeId);
      const parts = { gateway, request, exchange, planned: planned.value, links };
      if (begun.kind === 'answered') {
        if (keyed === undefined) throw new Error('only a create with a key can repeat another');
        return answerCreateRepeat(
          { gateway, request, ports, keyed, links },
          begun.answer,
          begun.leftMs,
        );
      }
      if (begun.kind !== 'begun') {
        return { ...refused({ patch: request }, notBegun(begun), planned.value), writeId };
      }
      return { writeId, ...(await runCreate({ ...parts, ...begun })) };
    },
  );
  if (keyed === undefined || answer !== refusal) return answer;
  return (await findEarlierCreate({ gateway, request, ports, keyed, links }, writeId)) ?? answer;
}

/** Requires a key where a repeat would make another profile. */
function refuseKeyless(
  { idempotency, target }: CreateRequest,
  { operation }: PlannedCreate,
): Fault | undefined {
  if (operation.repeat !== 'twin' || idempotency !== undefined) return undefined;
  if (target.createWithoutKey) return undefined;
  const detail =
    `A create that is repeated at the target ${target.name} makes another profile: ` +
    'send an Idempotency-Key.';
  return ownFault('idempotency_key_required', detail);
}

/** Begins a create under the key of its trace. */
async function beginCreate(
  ports: Ports,
  request: CreateRequest,
  { changes, operation }: PlannedCreate,
  below: LinkTargets,
  writeId: string,
): Promise<Exclude<Begun, Lease> | ({ readonly kind: 'begun' } & BegunCreate)> {
  const { state } = ports;
  const trace = operation.traceOf(changes);
  const intent = await createIntentOf(ports, request, changes, trace, below);
  const keyHash = request.idempotency?.key.keyHash;
  const keys = await createKeys(ports, request.target, { changes, keyHash, trace });
  const waitMsMax = Math.min(
    CREATE_BOUNDS.waitMs,
    Math.max(0, request.endMs - ports.monotonicMs()),
  );
  const begun = await state.begin({
    ...keys,
    writeId,
    waitMsMax,
    intent: JSON.stringify(intent),
    idempotency: request.idempotency?.key,
  });
  return begun.kind === 'begun' ? { kind: 'begun', lease: begun, trace, intent } : begun;
}

function createResult(answer: PatchAnswer | Replay): ExchangeResult | undefined {
  if ('replay' in answer) return undefined;
  if (answer.ok) return { outcome: answer.write.outcome, code: undefined };
  if (answer.exchange === undefined) return undefined;
  return { outcome: answer.end.outcome, code: answer.end.fault.code };
}
