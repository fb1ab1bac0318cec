import { CREATE_BOUNDS, RECOVERY_BOUNDS } from '../../limits.ts';
import { startExchange } from '../../upstream/exchange.ts';
import { isUnread } from '../write-record.ts';
import { type ClosedCreate, closeCreate, hasReceipt } from './close-create.ts';
import type { CreateRun, EndedCreate } from './create-run.ts';
import { answerOfCreate, endCreate } from './end-create.ts';
import { unknownCreate } from './judge-create.ts';

/**
 * Searches on for the profile of a create that was left open, beside other requests, until the
 * target shows it or is done with the create, and then ends it. The process may stop meanwhile:
 * then another replica closes it by its intent.
 */
export function resolveOpen(run: CreateRun): void {
  const { log, waitUntil } = run.exchange.ports;
  const work = searchOn(run).then(
    (outcome) => log({ level: 'warn', event: 'create_resolved', ...logFieldsOf(run), outcome }),
    (error: unknown) => logFailure(run, error),
  );
  waitUntil?.(work);
}

function logFailure(run: CreateRun, error: unknown): void {
  const reason = error instanceof Error ? error.name : 'error';
  run.exchange.ports.log({ level: 'error', event: 'recovery_failed', ...logFieldsOf(run), reason });
}

/** Most searches: the time is over before, unless the state cannot be reached. */
const SEARCHES_MAX = 1_000;

function logFieldsOf({ lease, request }: CreateRun) {
  return { writeId: lease.writeId, target: request.target.name };
}

async function searchOn(run: CreateRun): Promise<string> {
  const { gateway, intent, lease } = run;
  const { ports } = run.exchange;
  const beganMs = ports.monotonicMs();
  let closed: ClosedCreate | undefined;
  let waitMs = CREATE_BOUNDS.searchMs;
  let failedLast = 0;
  // Once the target is done with the create, the next search that is answered is the last.
  for (let count = 0; closed === undefined && count < SEARCHES_MAX; count += 1) {
    const leftMs = ports.state.markLeftMs(lease);
    await ports.sleep(leftMs > 0 ? Math.min(waitMs, leftMs) : waitMs);
    waitMs = Math.min(2 * waitMs, CREATE_BOUNDS.searchMsMax);
    if (await hasReceipt(ports.state, lease.writeId)) break;
    const { fence, key, writeId } = lease;
    const open = { intent, key, fence, writeId, inDoubtMs: ports.state.markLeftMs(lease) };
    // The lease must not stay open for a search that throws: the next one may not.
    try {
      // The configuration may have changed meanwhile: its credentials, for example.
      closed = await closeCreate(open, await gateway.targetsInForce(), ports);
      if (closed !== undefined && isUnread(closed.end) && failedLast < RECOVERY_BOUNDS.unread) {
        failedLast += 1;
        closed = undefined;
      }
    } catch (error) {
      logFailure(run, error);
    }
  }
  const end = unknownCreate('read_back_failed', intent);
  const ended: EndedCreate = { ...(closed ?? { end }), intent };
  const endMs = ports.monotonicMs() + ports.deadlineMs;
  const exchange = closed?.exchange ?? startExchange(run.request.target, ports, endMs);
  const resolved = { ...run, exchange };
  ports.state.clearInDoubt(lease);
  const answer = await endCreate(resolved, ended, await answerOfCreate(resolved, ended), beganMs);
  return answer.ok ? answer.write.outcome : answer.end.outcome;
}
