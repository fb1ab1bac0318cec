import { expect } from 'vitest';
import type { Adapter, Connection, Field, JsonObject } from '../../src/contract/index.ts';
import { adapterOf, connect } from './bench.ts';
import {
  capabilitiesTold,
  DELICATE_PATCHES,
  delicateName,
  golden,
  goldenTold,
  requestsOfPatch,
  requestsOfReplay,
  toldOfReplay,
} from './bytes.ts';
import {
  expectBoundaries,
  expectSensitive,
  expectStatuses,
  expectTypes,
  expectUnfit,
} from './declared.ts';
import { failuresOf, tellSecrets } from './echoes.ts';
import { expectIdsRefused, hostileIds, rootsOf, tryId } from './hostile-ids.ts';
import { lawsOf } from './laws.ts';
import type { Recording } from './recorded.ts';
import { expectShownOtherwise } from './shown-otherwise.ts';
import { createHarness, recordingsOf, type Subject } from './subjects.ts';
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
} from './tolerance.ts';
import { expectAsRecorded, expectNothingHidden, replay } from './transcript.ts';

/** The part of the usual runs of each law: they come last, after what finds most slips. */
const LAWS_SHARE = 0.2;

/** One check of the suite. Throws where the adapter under test does not pass. */
type Check = { readonly name: string; readonly run: (adapter: Adapter) => Promise<void> };

/** What judges every adapter that stands in for a subject's own, quick checks first. */
export function checksOf(subject: Subject): Check[] {
  const fields = [...connect(subject.vendor, subject.settings).fields];
  const under = (adapter: Adapter): Subject => ({ ...subject, adapter });
  const against = (name: string, run: (tried: Subject) => Promise<void>): Check => ({
    name,
    run: (adapter) => run(under(adapter)),
  });
  return [
    ...recordingChecks(subject, fields),
    ...DELICATE_PATCHES.map((patch) =>
      against('golden', async (tried) => {
        const requests = goldenOf(subject.vendor).requests[delicateName(subject, patch)] ?? [];
        expect(await requestsOfPatch(tried, patch)).toEqual(requests);
      }),
    ),
    against('types', async (tried) => expectTypes(await createHarness(tried), fields)),
    against('boundaries', async (tried) => expectBoundaries(await createHarness(tried))),
    against('unfit', async (tried) => expectUnfit(await createHarness(tried))),
    against('shown otherwise', expectShownOtherwise),
    against('sensitive', async (tried) => expectSensitive(await createHarness(tried))),
    against('statuses', expectStatuses),
    ...failuresOf(subject).map((recording) => ({
      name: 'secrets',
      run: async (adapter: Adapter) => {
        await tellSecrets(recording, { adapter, delicate: true });
        expectNothingHidden((await replay(recording, adapter)).answer);
      },
    })),
    against('hostile ids', expectHostileIds),
    ...malformedChecks(subject).map((run) => against('malformed', run)),
    against('capabilities', async (tried) => {
      const { connection } = await createHarness(tried);
      const { capabilities } = goldenOf(subject.vendor);
      expect(capabilitiesTold(connection.fields)).toEqual(capabilities[subject.title]);
    }),
    ...lawsOf(subject, fields, LAWS_SHARE).map((law) =>
      against('laws', async (tried) => law.hold(await createHarness(tried))),
    ),
  ];
}

/** The first check that does not pass, with the reason, or undefined. */
export async function firstFailure(
  checks: readonly Check[],
  adapter: Adapter,
): Promise<{ readonly check: string; readonly reason: string } | undefined> {
  for (const { name, run } of checks) {
    try {
      await run(adapter);
    } catch (error) {
      return { check: name, reason: String(error) };
    }
  }
  return undefined;
}

/** The vendor's adapter with another connection. */
export function wrapped(vendor: string, wrap: (connection: Connection) => Connection): Adapter {
  const adapter = adapterOf(vendor);
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

function recordingChecks(subject: Subject, fields: readonly Field[]): Check[] {
  const recorded = recordingsOf(subject);
  const reads = recorded.filter(showsProfile);
  const over = (
    name: string,
    among: readonly Recording[],
    run: (recording: Recording, adapter: Adapter) => Promise<void>,
  ): Check[] => among.map((given) => ({ name, run: (adapter) => run(given, adapter) }));
  return [
    ...over('transcripts', recorded, async (recording, adapter) => {
      const played = await replay(recording, adapter);
      expectAsRecorded(played, recording);
      const { failures, requests } = goldenOf(subject.vendor);
      expect(requestsOfReplay(played, recording)).toEqual(requests[recording.name]);
      expect(toldOfReplay(played)).toEqual(failures[recording.name]);
    }),
    ...over('tolerance', reads, (recording, adapter) =>
      expectMoreTolerated(recording, fields, adapter),
    ),
    ...over('tolerance', reads, expectLessTolerated),
    ...over('tolerance', reads, (recording, adapter) =>
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
  const told = JSON.parse(goldenTold[`./golden/told/${vendor}.json`] ?? '') as Golden;
  const requests = JSON.parse(golden[`./golden/${vendor}.json`] ?? '') as JsonObject;
  parsed.set(vendor, { ...told, requests });
  return { ...told, requests };
}
