import { settleMsOf } from '../../profiles/close-orphan.ts';
import { hashKeyOf } from '../../profiles/write-record.ts';
import { createLocalState, type LocalStateOptions } from '../../state/local-state.ts';
import type { StateStore } from '../../state/state-store.ts';
import {
  createPorts,
  createServer,
  currentGateway,
  type ServeRequest,
  WORKER_DEADLINE_MS,
} from '../app.ts';
import { type Environment, stateHashKey } from '../bindings.ts';
import { createStoredAnswers, type StoredAnswers } from './answer-storage.ts';
import { createStoredDoubts } from './in-doubt-storage.ts';
import { createObjectAlarm } from './object-alarm.ts';
import { createObjectRecords } from './object-records.ts';
import { createObjectRecovery } from './object-recovery.ts';
import { createStoredReceipts } from './receipt-storage.ts';
import { createRecordedState } from './recorded-state.ts';
import { createWriteLedger, hasWriteLedger } from './write-ledger.ts';

/** The object of a profile: it answers requests, and is woken by its alarm. */
export type ProfileObject = {
  readonly serve: ServeRequest;
  readonly wake: () => Promise<void>;
};

/**
 * Creates the object of one profile; with a key of hashes it keeps intents and receipts. Once the
 * key is taken away, it closes what was left open, and its receipts still expire.
 */
export function createProfileObject(
  storage: DurableObjectStorage,
  environment: Environment,
  mayHold: NonNullable<LocalStateOptions['mayHold']>,
): ProfileObject {
  const hashKey = stateHashKey(environment);
  const stateWith = (answers: StoredAnswers): StateStore =>
    createLocalState({
      doubts: createStoredDoubts(storage),
      answers,
      lockScope: 'global',
      mayHold,
    });
  return hashKey === undefined && !hasWriteLedger(storage)
    ? createPlainObject(storage, environment, stateWith)
    : createRecordingObject(storage, environment, stateWith, hashKey);
}

function createPlainObject(
  storage: DurableObjectStorage,
  environment: Environment,
  stateWith: (answers: StoredAnswers) => StateStore,
): ProfileObject {
  const answers = createStoredAnswers(storage, () => alarm.wakeBy());
  const alarm = createObjectAlarm(storage, answers.dueMs);
  const ports = createPorts(environment, { state: stateWith(answers), isBehindFront: true });
  return {
    serve: createServer(environment, ports, {}),
    wake: async () => {
      alarm.rung();
      answers.prune();
    },
  };
}

function createRecordingObject(
  storage: DurableObjectStorage,
  environment: Environment,
  stateWith: (answers: StoredAnswers) => StateStore,
  hashKey: string | undefined,
): ProfileObject {
  const { now } = Date;
  const ledger = createWriteLedger(storage);
  const receipts = createStoredReceipts(storage);
  const answers = createStoredAnswers(storage, () => alarm.wakeBy());
  const alarm = createObjectAlarm(storage, () =>
    earliest([ledger.openWrite()?.lookAtMs, answers.dueMs(), receipts.dueMs()]),
  );
  const state = createRecordedState({
    local: stateWith(answers),
    answers,
    ledger,
    receipts,
    hashKey,
    atomically: (work) => storage.transactionSync(work),
    writeMs: WORKER_DEADLINE_MS,
    settleMs: settleMsOf,
    now,
    wakeBy: alarm.wakeBy,
  });
  const ports = createPorts(environment, { state, isBehindFront: true });
  const gateway = async () => currentGateway(environment);
  const options = { ledger, state, ports, hashKey: hashKeyOf(state), gateway };
  const recover = createObjectRecovery(options);
  const records = createObjectRecords({ ledger, receipts, state, now });
  // An object that was stopped in the middle of a write looks at once how that has ended.
  if (ledger.openWrite() !== undefined) alarm.wakeBy();
  return {
    serve: createServer(environment, ports, hashKey === undefined ? {} : { records }),
    wake: async () => {
      alarm.rung();
      await recover();
      receipts.prune();
      answers.prune();
      alarm.wakeBy();
    },
  };
}

function earliest(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
