import { createSandboxSet, type SandboxSet } from '../../adapters/sandbox-kit/host.ts';
import type { Sandbox } from '../../adapters/sandbox-kit/sandbox.ts';
import { sandboxes } from '../../adapters/sandboxes.ts';
import {
  type Adapter,
  isObject,
  type Json,
  type JsonObject,
  own,
  ownText,
} from '../../src/adapter-kit/index.ts';
import type { Send } from '../../src/ports.ts';
import { createFetchSend } from '../../src/workers/fetch-client.ts';
import { type Answer, type Bench, type Clock, connect, createBench, START_MS } from './bench.ts';
import { type Recording, recordings } from './recorded.ts';
import { VARIANTS } from './variants.ts';

/** A vendor under one configuration, against its sandbox: what the laws are tried on. */
export type Subject = {
  /** `iam` for the configuration of the sandbox's demo, else with the variant's name. */
  readonly title: string;
  readonly vendor: string;
  /** The folder whose sandbox answers. */
  readonly folder: string;
  readonly settings: JsonObject;
  /** A profile that the sandbox has from the start. */
  readonly id: string;
  /** In place of the vendor's own. */
  readonly adapter?: Adapter;
};

export const ORIGIN = 'https://sandbox.test';

/** Every vendor as its sandbox shows it, and the other configurations of `VARIANTS`. */
export const subjects: readonly Subject[] = listSubjects();

function listSubjects(): Subject[] {
  const set = createSandboxSet(() => START_MS, sandboxes);
  return set.demos.flatMap((demo) => {
    const { vendor, ...settings } = demo.configuration(ORIGIN);
    if (typeof vendor !== 'string') throw new Error(`${demo.target} names no vendor`);
    const base = { vendor, folder: folderOf(settings), settings, id: demo.id };
    const others = VARIANTS.filter((variant) => variant.vendor === vendor).map((variant) => {
      const own = variant.settings(ORIGIN);
      const [folder, id] = [folderOf(own), variant.id ?? demo.id];
      return { title: `${vendor} (${variant.name})`, vendor, folder, settings: own, id };
    });
    return [{ title: vendor, ...base }, ...others];
  });
}

function folderOf(settings: JsonObject): string {
  return new URL(ownText(settings, 'baseUrl') ?? '').pathname.split('/')[1] ?? '';
}

/** The gateway in front of one subject's sandbox. */
export type Harness = Bench & {
  readonly subject: Subject;
  readonly sandbox: Sandbox;
  /** The profile as the vendor stores it. */
  readonly stored: () => JsonObject;
  /** Puts the profile back to what it was at first, with `changes` laid over. */
  readonly reset: (changes?: JsonObject) => void;
  readonly patch: (patch: Json, prefer?: string) => Promise<Answer>;
  readonly read: () => Promise<Answer>;
};

export async function createHarness(
  subject: Subject,
  around: (send: Send) => Send = (send) => send,
): Promise<Harness> {
  const clock: Clock = { nowMs: START_MS };
  const set: SandboxSet = createSandboxSet(() => clock.nowMs, sandboxes);
  const sandbox = set.byFolder.get(subject.folder);
  if (sandbox === undefined) throw new Error(`no sandbox ${subject.folder}`);
  const { adapter, id, settings, vendor } = subject;
  const send = around(createFetchSend(set.fetch));
  const bench = await createBench({ vendor, settings, send, clock, adapter });
  const first = sandbox.stored(id);
  if (first === undefined) throw new Error(`${subject.title} has no profile ${id}`);
  return {
    ...bench,
    subject,
    sandbox,
    stored: () => sandbox.stored(id) ?? {},
    reset: (changes) => {
      clock.nowMs += 60_000;
      bench.sent.length = 0;
      sandbox.seed(id, { ...first, ...changes });
    },
    patch: (patch, prefer) => {
      const headers = prefer === undefined ? {} : { prefer };
      return bench.ask({ id, patch: JSON.stringify(patch), headers });
    },
    read: () => bench.ask({ id }),
  };
}

/** The fields of a subject, without a sandbox. */
export function fieldsOf({ settings, vendor }: Subject) {
  return connect(vendor, settings).fields;
}

/** The recordings in a subject's dialect: those with the same declarations. */
export function recordingsOf(subject: Subject): Recording[] {
  const fields = fieldsOf(subject);
  return recordings.filter(
    ({ settings, vendor }) =>
      vendor === subject.vendor && connect(vendor, settings).fields === fields,
  );
}

/** Top-level members that differ between two stored states. */
export function changedMembers(before: JsonObject, after: JsonObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => textOf(before[name]) !== textOf(after[name]));
}

function textOf(value: Json | undefined): string | undefined {
  if (!isObject(value)) return JSON.stringify(value);
  // The order of an object's members says nothing.
  const names = Object.keys(value).sort();
  return names.map((name) => `${JSON.stringify(name)}:${textOf(own(value, name))}`).join();
}
