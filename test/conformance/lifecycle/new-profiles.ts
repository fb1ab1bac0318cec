import fc from 'fast-check';
import {
  type Field,
  type Json,
  type JsonObject,
  jsonEqual,
  mergePatch,
} from '../../../src/adapter-kit/index.ts';
import { goodMemberOf, type Member, memberOf, patchOf } from '../arbitraries.ts';
import { placeOf } from '../judged.ts';
import type { Stage } from './stage.ts';
import { profileOf, upstreamIdOf } from './stage.ts';
import type { LifecycleSubject } from './subjects.ts';

/** A name that every vendor takes. */
export const NAME = 'eu-de_made';

/** Reports whether a new profile can have a field. */
export function isOfNew({ access, createOnly, patchOnly }: Field): boolean {
  return patchOnly !== true && (access !== 'read_only' || createOnly === true);
}

/** Members of a new profile: those that it needs, and some that it may have. */
export function newMembers({ declared, vendor }: LifecycleSubject): fc.Arbitrary<Member[]> {
  const fields = declared.fields.filter(isOfNew);
  const required = fields.filter(({ requiredOnCreate }) => requiredOnCreate === true);
  const optional = fields.filter(({ requiredOnCreate }) => requiredOnCreate !== true);
  const some = (of: typeof memberOf): fc.Arbitrary<Member[]> =>
    fc
      .subarray(optional)
      .chain((chosen) => fc.tuple(...[...required, ...chosen].map((field) => of(vendor, field))));
  return fc.oneof(
    { arbitrary: some(goodMemberOf), weight: 3 },
    { arbitrary: some(memberOf), weight: 1 },
  );
}

/** Makes a profile with little more than what it needs; returns its id. */
export async function make(stage: Stage, name = NAME): Promise<string> {
  const answer = await stage.create(await baseOf(stage, name));
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return upstreamIdOf(profileOf(answer));
}

/** The members of a new profile that a vendor takes, with this name. */
export async function baseOf({ subject }: Stage, name = NAME): Promise<JsonObject> {
  return { name, ...patchOf(requiredMembers(subject)) };
}

/** The members that a new profile needs beside its name, the same ones each time. */
export function requiredMembers({ declared, vendor }: LifecycleSubject): Member[] {
  const required = declared.fields.filter(
    ({ pointer, requiredOnCreate }) => requiredOnCreate === true && pointer !== '/name',
  );
  const members = required.map((field) => goodMemberOf(vendor, field));
  const [sample = []] = fc.sample(fc.tuple(...members), { numRuns: 1, seed: 1 });
  return sample;
}

/** Reports whether a new profile shows the member as it was wanted. */
export function isShown(member: Member, content: JsonObject): boolean {
  const { field, key, value } = member;
  const shown = placeOf(member, content);
  const isEmpty = typeof field.onNull === 'object' && jsonEqual(field.onNull.send, value);
  if (value === null || isEmpty) {
    return shown === undefined || (key === undefined && jsonEqual(shown, {}));
  }
  const wanted: Json = field.map === undefined ? value : mergePatch(undefined, value);
  return jsonEqual(shown, wanted);
}

/** Reports whether a new profile shows the value of a member as it was given. */
export function isExactOnCreate({ field, value }: Member): boolean {
  if (field.access === 'write_only') return false;
  return (field.confirmationByValue?.(value) ?? field.confirmation) === 'exact';
}
