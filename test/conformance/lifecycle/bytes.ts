import { type JsonObject, ownText } from '../../../src/adapter-kit/index.ts';
import { requestsShown } from '../bytes.ts';
import { baseOf, NAME } from './new-profiles.ts';
import { createStage, type Stage } from './stage.ts';
import { type LifecycleSubject, lifecycleSubjects } from './subjects.ts';

/// <reference types="vite/types/importMeta.d.ts" />

/** The request bytes of lists, creates and deletes as one runtime wrote them down. */
export const goldenOperations = import.meta.glob<string>('../golden/operations/*.json', {
  eager: true,
  import: 'default',
  query: '?raw',
});

/** Members of new profiles whose text is easily changed on the way. */
const DELICATE_MEMBERS: readonly JsonObject[] = [
  {},
  { description: '\u0000 \ud83d\ude00 \u2028 <>&" \\ /' },
  { attributes: { one: 1, list: [-0, 0.1, { z: 1, a: 2 }], cost_centre: 'ü' } },
  { status: 'inactive' },
];

/** Names that a query has to encode, or may not search for. */
const NAMES = [NAME, 'eu-de_é中 +&%', 'eu-de_a/b?c=d'];

/** Every request of a vendor's lists, creates and deletes, by subject and call. */
export async function requestsOfOperations(vendor: string): Promise<JsonObject> {
  const requests: [string, JsonObject[]][] = [];
  for (const subject of lifecycleSubjects.filter((one) => one.vendor === vendor)) {
    requests.push(...(await requestsOfSubject(subject)));
  }
  return Object.fromEntries(requests);
}

/** The same of one subject. */
export async function requestsOfSubject(
  subject: LifecycleSubject,
): Promise<readonly [string, JsonObject[]][]> {
  const requests: [string, JsonObject[]][] = [];
  for (const [name, call] of callsOf(subject)) {
    const stage = await createStage(subject);
    const seeded = new Set(stage.ids());
    await call(stage);
    // Ids of new profiles differ each time; reads have golden files of their own.
    const made = stage.ids().filter((id) => !seeded.has(id));
    const sent = stage.sent.filter(({ path }) => !made.some((id) => path.includes(id)));
    const shown = requestsShown({ ...stage, sent }, subject);
    if (shown.length > 0) requests.push([`${subject.title}: ${name}`, shown]);
  }
  return requests;
}

type Call = (stage: Stage) => Promise<unknown>;

function callsOf({ declared, id }: LifecycleSubject): [string, Call][] {
  const filters = (declared.list?.filters ?? []).flatMap(({ name, values }) =>
    (values ?? NAMES).map((value) => ({ [name]: value })),
  );
  const queries = [{}, { limit: '1' }, ...filters];
  return [
    ...queries.map((query): [string, Call] => [
      `list ${JSON.stringify(query)}`,
      (stage) => listTwice(stage, query),
    ]),
    ...DELICATE_MEMBERS.map((members): [string, Call] => [
      `create ${JSON.stringify(members)}`,
      (stage) => createOne(stage, members),
    ]),
    ['delete', (stage) => stage.remove(id)],
  ];
}

/** A page, and the one behind it if there is one. */
async function listTwice(stage: Stage, query: Readonly<Record<string, string>>) {
  const { body } = await stage.list(query);
  const cursor = ownText(body, 'next');
  if (cursor !== undefined) await stage.list({ ...query, cursor });
}

async function createOne(stage: Stage, members: JsonObject): Promise<void> {
  await stage.create({ ...(await baseOf(stage)), ...members });
}
