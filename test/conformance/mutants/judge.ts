import { expect } from 'vitest';
import type { Adapter, Connection, Field, JsonObject } from '../../../src/adapter-kit/index.ts';
import { connect } from '../bench.ts';
import {
  capabilitiesTold,
  DELICATE_PATCHES,
  delicateName,
  golden,
  goldenTold,
  requestsOfPatch,
  requestsOfReplay,
  toldOfReplay,
} from '../bytes.ts';
import {
  expectBoundaries,
  expectHeadersTold,
  expectSensitive,
  expectStatuses,
  expectTypes,
  expectUnfit,
} from '../declared.ts';
import { failuresOf, tellSecrets } from '../echoes.ts';
import { expectIdsRefused, hostileIds, rootsOf, tryId } from '../hostile-ids.ts';
import { lawsOf } from '../laws.ts';
import type { Recording } from '../recorded.ts';
import { expectShownOtherwise } from '../shown-otherwise.ts';
import { createHarness, recordingsOf, type Subject } from '../subjects.ts';
import {
  expectLessTolerated,
  expectMoreTolerated,
  expectOtherTypesLeftOut,
  hasToken,
  lostWriteAnsweredBy,
  MALFORMED,
  readAnsweredBy,
  showsProfile,
  tokenAnsweredBy,
  writeAnsweredBy,
} from '../tolerance.ts';
import { expectAsRecorded, expectNothingHidden, replay } from '../transcript.ts';

/** The part of the usual runs of each law: they come last, after what finds most slips. */
export const LAWS_SHARE = 0.2;

/** What operators read of the declarations: a copy of them, so what behaves comes before it. */
const LAST = 'capabilities';
const SLOW = ['hostile ids', 'tolerance', 'statuses', 'malformed', 'laws'];

/** One check of the suite. Throws where the adapter under test does not pass. */
export type Check = { readonly name: string; readonly run: (adapter: Adapter) => Promise<void> };

/** What judges every adapter that stands in for a subject's own, quick checks first. */
export function checksOf(subject: Subject): Check[] {
  const fields = [...connect(subject.vendor, subject.settings).fields];
  const against = (name: string, run: (tried: Subject) => Promise<void>): Check => ({
    name,
    run: (adapter) => run({ ...subject, adapter }),
  });
  return [
    ...transcriptChecks(subject),
    ...DELICATE_PATCHES.map((patch) =>
      against('golden', async (tried) => {
        const requests = goldenOf(subject.vendor).requests[delicateName(subject, patch)] ?? [];
        expect(await requestsOfPatch(tried, patch)).toEqual(requests);
      }),
    ),
    against('types', async (tried) => expectTypes(await createHarness(tried), fields)),
    against('boundaries', async (tried) => expectBoundaries(await createHarness(tried))),
    against('unfit', async (tried) => expectUnfit(await createHarness(tried))),
    against('sensitive', async (tried) => expectSensitive(await createHarness(tried))),
    against('shown otherwise', expectShownOtherwise),
    against('headers told', expectHeadersTold),
    ...failuresOf(subject).map((recording) => ({
      name: 'secrets',
      run: async (adapter: Adapter) => {
        await tellSecrets(recording, { adapter, delicate: true });
        expectNothingHidden((await replay(recording, adapter)).answer);
      },
    })),
    against('hostile ids', expectHostileIds),
    ...toleranceChecks(subject, fields),
    against('statuses', expectStatuses),
    ...malformedChecks(subject).map((run) => against('malformed', run)),
    ...lawsOf(subject, fields, LAWS_SHARE).map((law) =>
      against('laws', async (tried) => law.hold(await createHarness(tried))),
    ),
    against(LAST, async (tried) => {
      const { connection } = await createHarness(tried);
      const { capabilities } = goldenOf(subject.vendor);
      expect(capabilitiesTold(connection.fields)).toEqual(capabilities[subject.title]);
    }),
  ];
}

/** A check that did not pass, and why. */
export type Failure = { readonly check: Check; readonly reason: string };

/** The first check that does not pass, or undefined. */
export async function firstFailure(
  checks: readonly Check[],
  adapter: Adapter,
): Promise<Failure | undefined> {
  for (const check of checks) {
    try {
      await check.run(adapter);
    } catch (error) {
      return { check, reason: String(error) };
    }
  }
  return undefined;
}

/** The same checks with one in front: what found a slip finds the next of its kind soonest. */
export function inFront(checks: readonly Check[], { check }: Failure): readonly Check[] {
  return check.name === LAST ? checks : [check, ...checks.filter((other) => other !== check)];
}

/** Checks that take little time: the only ones for listed survivors, but when all is run. */
export function quickOf(checks: readonly Check[]): readonly Check[] {
  return checks.filter(({ name }) => !SLOW.includes(name));
}

/** The adapter with another connection. */
export function wrapped(adapter: Adapter, wrap: (connection: Connection) => Connection): Adapter {
  return {
    ...adapter,
    open: (settings) => {
      const opened = adapter.open(settings);
      return opened.ok ? { ok: true, connection: wrap(opened.connection) } : opened;
    },
  };
}

/** Runs `task` while the vendor itself declares `fields`, in both directions. */
export async function declaring<T>(
  { settings, vendor }: Subject,
  fields: readonly Field[],
  task: () => Promise<T>,
): Promise<T> {
  const declared = connect(vendor, settings).fields as Field[];
  const kept = declared.splice(0, declared.length, ...fields);
  try {
    return await task();
  } finally {
    declared.splice(0, declared.length, ...kept);
  }
}

type RecordingCheck = (recording: Recording, adapter: Adapter) => Promise<void>;

function over(name: string, among: readonly Recording[], run: RecordingCheck): Check[] {
  return among.map((given) => ({ name, run: (adapter) => run(given, adapter) }));
}

function transcriptChecks(subject: Subject): Check[] {
  return over('transcripts', recordingsOf(subject), async (recording, adapter) => {
    const played = await replay(recording, adapter);
    expectAsRecorded(played, recording);
    const { failures, requests } = goldenOf(subject.vendor);
    expect(requestsOfReplay(played, recording)).toEqual(requests[recording.name]);
    expect(toldOfReplay(played)).toEqual(failures[recording.name]);
  });
}

function toleranceChecks(subject: Subject, fields: readonly Field[]): Check[] {
  const reads = recordingsOf(subject).filter(showsProfile);
  const name = 'tolerance';
  return [
    ...over(name, reads, (recording, adapter) => expectMoreTolerated(recording, fields, adapter)),
    ...over(name, reads, expectLessTolerated),
    ...over(name, reads, (recording, adapter) =>
      expectOtherTypesLeftOut(recording, fields, adapter),
    ),
  ];
}

function malformedChecks(subject: Subject) {
  const runs = [readAnsweredBy, writeAnsweredBy, lostWriteAnsweredBy];
  const all = hasToken(subject) ? [...runs, tokenAnsweredBy] : runs;
  return MALFORMED.flatMap(([, body]) => all.map((run) => (tried: Subject) => run(tried, body)));
}

async function expectHostileIds(subject: Subject): Promise<void> {
  const harness = await createHarness(subject);
  const roots = await rootsOf(harness);
  expectIdsRefused(harness, roots);
  for (const id of hostileIds(subject)) await tryId(harness, roots, id);
}

type Golden = {
  readonly requests: JsonObject;
  readonly failures: JsonObject;
  readonly capabilities: JsonObject;
};

const parsed = new Map<string, Golden>();

/** The golden files of a vendor. */
function goldenOf(vendor: string): Golden {
  const known = parsed.get(vendor);
  if (known !== undefined) return known;
  const told = JSON.parse(goldenTold[`./fixtures/told-${vendor}.json`] ?? '') as Golden;
  const requests = JSON.parse(golden[`./golden/${vendor}.json`] ?? '') as JsonObject;
  parsed.set(vendor, { ...told, requests });
  return { ...told, requests };
}
