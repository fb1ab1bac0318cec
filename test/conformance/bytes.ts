import { fieldCapability } from '../../src/adapter-kit/field-capability.ts';
import { type Field, type HttpRequest, type JsonObject, own } from '../../src/adapter-kit/index.ts';
import { type Bench, connect } from './bench.ts';
import { REPLAYED_TOKEN, recordings } from './recorded.ts';
import { createHarness, fieldsOf, type Subject, subjects } from './subjects.ts';
import { type Replay, replay } from './transcript.ts';

/// <reference types="vite/types/importMeta.d.ts" />

/** The request bytes as one runtime wrote them down, which every runtime must give. */
export const golden = import.meta.glob<string>('./golden/*.json', {
  eager: true,
  import: 'default',
  query: '?raw',
});

/** What callers are told of failures, and operators of fields: to be read when it changes. */
export const goldenTold = import.meta.glob<string>('./fixtures/told-*.json', {
  eager: true,
  import: 'default',
  query: '?raw',
});

/** Patches whose text is easily changed on the way; each goes to every subject's sandbox. */
export const DELICATE_PATCHES: readonly string[] = [
  '{"name":"eu-de_\\u00e9\\u4e2d"}',
  '{"description":"\\u0000 \\ud83d\\ude00 \\u2028 <>&\\" \\\\ /"}',
  '{"description":null}',
  '{"attributes":{"one":1.0,"ten":1e1,"list":[-0,0.10,{"z":1,"a":2}],"__proto__":{"x":null}}}',
  '{"attributes":{"cost_centre":"\\ud800 \\u00fc","nickname":null}}',
  '{"name":"eu-de_new","description":"d","status":"inactive"}',
];

const MASK = '(differs each time)';

/** Every request of a vendor's recordings and of its subjects' delicate patches. */
export async function requestsOf(vendor: string): Promise<JsonObject> {
  const requests = new Map<string, readonly JsonObject[]>();
  for (const recording of recordings) {
    if (recording.vendor !== vendor) continue;
    requests.set(recording.name, requestsOfReplay(await replay(recording), recording));
  }
  for (const subject of subjects) {
    if (subject.vendor !== vendor) continue;
    for (const patch of DELICATE_PATCHES) {
      const sent = await requestsOfPatch(subject, patch);
      if (sent.length > 0) requests.set(delicateName(subject, patch), sent);
    }
  }
  return Object.fromEntries(requests);
}

export function delicateName({ title }: Subject, patch: string): string {
  return `${title}: ${patch}`;
}

export async function requestsOfPatch(subject: Subject, patch: string): Promise<JsonObject[]> {
  const harness = await createHarness(subject);
  await harness.ask({ id: subject.id, patch, headers: { prefer: 'handling=lenient' } });
  return requestsShown(harness, subject);
}

type Origin = Pick<Subject, 'settings' | 'vendor'>;

export function requestsOfReplay({ bench }: Replay, recording: Origin): JsonObject[] {
  return requestsShown(bench, recording);
}

/** The requests that were sent; tokens differ each time, so they are masked. */
export function requestsShown(
  { secrets, sent }: Pick<Bench, 'secrets' | 'sent'>,
  { settings, vendor }: Origin,
): JsonObject[] {
  const known = connect(vendor, settings).secrets.map(({ value }) => value);
  const fixed = new Set([REPLAYED_TOKEN, ...known]);
  const tokens = [...secrets].filter((secret) => !fixed.has(secret));
  return sent.map((request) => shown(request, tokens));
}

/** A request with its tokens masked. Signatures stand as they are, since the clock does too. */
function shown({ body, headers, method, origin, path }: HttpRequest, tokens: readonly string[]) {
  const masked = (text: string): string =>
    tokens.reduce((left, token) => left.replaceAll(token, MASK), text);
  const names = Object.keys(headers).sort();
  return {
    line: `${method} ${origin}${path}`,
    headers: Object.fromEntries(names.map((name) => [name, masked(headers[name] ?? '')])),
    ...(body === undefined ? {} : { body: masked(body) }),
  };
}

/** What a failure on record tells beyond its code, or undefined for a success. */
export function toldOfReplay({ answer }: Replay): JsonObject | undefined {
  const members = ['detail', 'errors', 'upstream', 'retryAfterSeconds', 'applied', 'notApplied'];
  if (answer.status === 200) return undefined;
  const told = members.map((name) => [name, own(answer.body, name)] as const);
  return Object.fromEntries(
    told.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** The capabilities of a subject's fields, as operators see them. */
export function capabilitiesTold(fields: readonly Field[]): JsonObject {
  return Object.fromEntries(
    fields.map((field) => {
      const { pointer, ...told } = fieldCapability(field);
      return [pointer, told];
    }),
  );
}

/** Everything that is told of a vendor. */
export async function toldOf(vendor: string): Promise<JsonObject> {
  const failures: [string, JsonObject][] = [];
  for (const recording of recordings) {
    if (recording.vendor !== vendor) continue;
    const told = toldOfReplay(await replay(recording));
    if (told !== undefined) failures.push([recording.name, told]);
  }
  const own = subjects.filter((subject) => subject.vendor === vendor);
  const capabilities = own.map((subject) => [subject.title, capabilitiesTold(fieldsOf(subject))]);
  return {
    failures: Object.fromEntries(failures),
    capabilities: Object.fromEntries(capabilities),
  };
}
