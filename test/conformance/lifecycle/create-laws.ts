import fc from 'fast-check';
import { expect } from 'vitest';
import { isList, isObject, own, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { runs } from '../../support/counts.ts';
import { type Member, patchOf } from '../arbitraries.ts';
import { type Answer, codeOf, contentOf, outcomeOf, TARGET } from '../bench.ts';
import { HIDING, UNFIT } from './cases.ts';
import {
  baseOf,
  isExactOnCreate,
  isOfNew,
  isShown,
  make,
  NAME,
  newMembers,
  requiredMembers,
} from './new-profiles.ts';
import { createStage, profileOf, type Stage, upstreamIdOf } from './stage.ts';
import type { LifecycleSubject } from './subjects.ts';

/** One law of one subject. Throws where it does not hold. */
export type Law = {
  readonly title: string;
  readonly hold: (subject: LifecycleSubject) => Promise<void>;
};

/** The laws of creates; `share` is the part of the usual runs. */
export function createLaws({ declared }: LifecycleSubject, share = 1): Law[] {
  if (declared.create === undefined) return [];
  return [
    {
      title: 'required members are refused by name before anything is sent',
      hold: refusesWithoutRequired,
    },
    { title: 'members that no new profile can have are refused by name', hold: refusesOthers },
    { title: 'members that do not fit together are refused', hold: refusesUnfit },
    { title: 'a new profile is found by its trace, and no other', hold: findsByTrace },
    { title: 'a second create of a name is what is declared', hold: repeatsAsDeclared },
    { title: 'an explanation shows what is sent', hold: explains },
    {
      title: 'a new profile reads as it was created',
      hold: (subject) => readsAsCreated(subject, share),
    },
  ];
}

/** Codes of a vendor that is well and does not create a profile, such as in another's domain. */
const REFUSALS = [
  'invalid_patch',
  'unsupported_patch',
  'rejected_by_target',
  'conflict',
  'target_forbidden',
];

async function readsAsCreated(subject: LifecycleSubject, share: number): Promise<void> {
  const stage = await createStage(subject);
  const { numRuns } = runs(25, 300);
  const names = subject.declared.fields.filter(({ pointer }) => pointer === '/name');
  const taken = [...names.map((field) => ({ field, value: NAME })), ...requiredMembers(subject)];
  let made = 0;
  await fc.assert(
    fc.asyncProperty(newMembers(subject), async (members) => {
      const before = stage.ids();
      stage.sent.length = 0;
      const answer = await stage.create(patchOf(members));
      if (answer.status !== 201) {
        expect(REFUSALS, JSON.stringify(answer.body)).toContain(codeOf(answer));
        expect(stage.ids()).toEqual(before);
        return;
      }
      made += 1;
      const id = upstreamIdOf(profileOf(answer));
      expect(stage.ids()).toEqual([...before, id].sort());
      expect(creates(stage)).toHaveLength(1);
      expect(outcomeOf(answer)).toBe('applied');
      // A profile that no answer shows is searched for.
      const searches = subject.unkind.includes('no_body');
      const evidence = own(ownObject(answer.body, 'write') ?? {}, 'evidence');
      expect(evidence === 'read_back').toBe(searches);
      expect(decodeURIComponent(answer.headers.get('location') ?? '')).toBe(
        `/profiles/${TARGET}:${id}`,
      );
      const read = await stage.read(id);
      if (members.some(isHiding)) {
        expect(codeOf(read)).toBe('profile_not_found');
        return;
      }
      expect(read.body).toEqual({ profile: profileOf(answer) });
      expect(read.headers.get('etag')).toBe(answer.headers.get('etag'));
      const content = contentOf(read);
      const lost = members.filter((one) => isExactOnCreate(one) && !isShown(one, content));
      expect(lost).toEqual([]);
      stage.sandbox.outsideRemove?.(id);
    }),
    { numRuns: Math.ceil(numRuns * share), examples: [[taken]] },
  );
  // Random values may all be refused; those of the example are not.
  expect(made).toBeGreaterThan(0);
}

function isHiding({ field, value }: Member): boolean {
  return HIDING.some((hiding) => hiding.pointer === field.pointer && hiding.value === value);
}

/** Requests that were to make a profile. */
function creates({ sent }: Stage): Stage['sent'] {
  return sent.filter(({ method, path }) => method !== 'GET' && !/token/.test(path));
}

async function refusesWithoutRequired(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const answer = await stage.create({});
  const required = subject.declared.fields.filter((field) => field.requiredOnCreate === true);
  expect(errorsOf(answer).toSorted()).toEqual(
    required.map(({ pointer }) => `${pointer} missing_field`).toSorted(),
  );
  expect([answer.status, codeOf(answer), outcomeOf(answer)]).toEqual([
    422,
    'unsupported_patch',
    'rejected',
  ]);
  expect(required.length).toBeGreaterThan(0);
  expect(stage.sent).toEqual([]);
}

async function refusesOthers(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const base = await baseOf(stage);
  const others = subject.declared.fields.filter((field) => !isOfNew(field));
  for (const field of others) {
    // Times are no members of a patch at all.
    if (/^\/(?:created|updated)At$/.test(field.pointer)) continue;
    const value = field.codec.values?.[0] ?? 'x';
    const members = patchOf([{ field, value }]);
    const answer = await stage.create({ ...base, ...members });
    expect(errorsOf(answer)[0], field.pointer).toMatch(new RegExp(`^${field.pointer} `));
  }
  expect(stage.sent).toEqual([]);
}

async function refusesUnfit(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const base = await baseOf(stage);
  for (const { members, pointer } of UNFIT.filter(({ of }) => of.includes(subject.title))) {
    const answer = await stage.create({ ...base, ...members });
    expect(codeOf(answer)).toBe('unsupported_patch');
    expect(errorsOf(answer)).toEqual([`${pointer} constraint_violated`]);
  }
  expect(stage.sent).toEqual([]);
}

function errorsOf({ body }: Answer): string[] {
  const { errors } = body;
  const all = isList(errors) ? errors.filter(isObject) : [];
  return all.map((error) => `${ownText(error, 'pointer')} ${ownText(error, 'code')}`);
}

/** Names near the wanted one, which a vendor finds that looks for parts, or in any letter case. */
const NEAR = [`${NAME}2`, NAME.replace('made', 'MADE')];

async function findsByTrace(subject: LifecycleSubject): Promise<void> {
  const decoys: string[] = [];
  const nameField = subject.declared.fields.find(({ pointer }) => pointer === '/name');
  const stage = await createStage(subject, (send) => async (request, timeoutMs) => {
    const answer = await send(request, timeoutMs);
    if (request.method === 'GET' || request.body?.includes(`"${NAME}"`) !== true) return answer;
    // Profiles that no search has shown before get near names while the answer is lost.
    for (const [i, id] of decoys.entries()) {
      stage.sandbox.outsideWrite(id, { [nameField?.wireName ?? '']: NEAR[i] ?? '' });
    }
    return { failure: 'reset', sent: true, reason: 'LOST' };
  });
  for (const name of ['eu-de_one', 'eu-de_two']) decoys.push(await make(stage, name));
  const before = stage.ids();
  const answer = await stage.create(await baseOf(stage));
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const id = upstreamIdOf(profileOf(answer));
  expect(stage.ids().filter((one) => !before.includes(one))).toEqual([id]);
  expect(profileOf(answer).name).toBe(NAME);
  expect(ownText(ownObject(answer.body, 'write'), 'evidence')).toBe('read_back');
  expect(creates(stage)).toHaveLength(decoys.length + 1);
}

async function repeatsAsDeclared(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const members = await baseOf(stage);
  const body = { target: TARGET, ...members };
  const keyless = await stage.call('POST', '/profiles', { body });
  if (subject.declared.create?.repeat === 'twin') {
    expect(codeOf(keyless)).toBe('idempotency_key_required');
    expect(stage.sent).toEqual([]);
    return;
  }
  expect(keyless.status).toBe(201);
  const before = stage.ids();
  const answer = await stage.create(members);
  expect([answer.status, codeOf(answer), outcomeOf(answer)]).toEqual([409, 'conflict', 'rejected']);
  expect(stage.ids()).toEqual(before);
}

async function explains(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const body = { target: TARGET, ...(await baseOf(stage)) };
  const explained = await stage.call('POST', '/profiles/explain', { body });
  expect(explained.body).toMatchObject({ prediction: 'write', target: TARGET });
  expect(stage.sent).toEqual([]);
  const { requests } = explained.body;
  const shown = isList(requests) ? requests.filter(isObject) : [];
  await make(stage);
  const made = shown.map(({ body: text, method, url }) => ({ method, url, body: text }));
  const sent = stage.sent.slice(0, shown.length);
  expect(made.map(({ method, url }) => `${method} ${url}`)).toEqual(
    sent.map(({ method, origin, path }) => `${method} ${origin}${path}`),
  );
  expect(made.at(-1)?.body).toBe(sent.at(-1)?.body);
}
