import { expect } from 'vitest';
import {
  type HttpRequest,
  isObject,
  type Json,
  type JsonObject,
  own,
  ownObject,
  parseExact,
} from '../../src/adapter-kit/index.ts';
import { isFailure, type Send } from '../../src/ports.ts';
import { codeOf } from './bench.ts';
import { tokenRequestTest } from './recorded.ts';
import { createHarness, type Subject } from './subjects.ts';

/** A write after which the vendor shows another value, and how it must end. */
type Case = {
  readonly subjects: readonly string[];
  readonly patch: JsonObject;
  /** Members of the vendor's own object, as they are shown from the write on. */
  readonly shown: JsonObject;
  /**
   * Pointers that stay unconfirmed, or the code of the error: `outcome_unknown` where the vendor
   * shows another value, and no read ahead of the write shows that it is the old one.
   */
  readonly end: readonly string[] | 'not_stored' | 'outcome_unknown';
};

const OTC = ['iam', 'iam (otc, access key)'];
const IAM = [...OTC, 'iam (keystone)'];
const NERM = ['nerm', 'nerm (client credentials)'];
const ROLE = '5d0d4d80-0000-4000-8000-246e96591a38';
const TYPE = '6d8fab21-3c5e-4a7b-9d1f-2b4c6e8fa087';

const nerm = (extension: JsonObject): JsonObject => ({ extensions: { nerm: extension } });
const naver = (extension: JsonObject): JsonObject => ({ extensions: { naver: extension } });

const ATTRIBUTE: JsonObject = { attributes: { remarks: 'kept' } };
const NAME: JsonObject = { name: 'eu-de_kept' };
const OTHER_NAME: JsonObject = { name: 'eu-de_other' };
const DESCRIPTION: JsonObject = { description: 'kept' };
const OTHER_DESCRIPTION: JsonObject = { description: 'other' };

/** What every vendor's sheet says about how far its answers tell what was stored. */
export const CASES: readonly Case[] = [
  { subjects: ['senlin', 'naver', ...IAM], patch: NAME, shown: OTHER_NAME, end: 'not_stored' },
  { subjects: ['naver', ...IAM], patch: DESCRIPTION, shown: OTHER_DESCRIPTION, end: 'not_stored' },
  {
    subjects: ['naver', ...IAM],
    patch: { description: null },
    shown: OTHER_DESCRIPTION,
    end: 'not_stored',
  },
  {
    subjects: ['iam'],
    patch: { status: 'inactive' },
    shown: { status: 'normal' },
    end: 'not_stored',
  },
  {
    subjects: ['iam (keystone)'],
    patch: { status: 'inactive' },
    shown: { enabled: true },
    end: 'not_stored',
  },
  {
    subjects: ['naver'],
    patch: { status: 'inactive' },
    shown: { enabled: true },
    end: 'outcome_unknown',
  },
  {
    subjects: ['senlin'],
    patch: ATTRIBUTE,
    shown: { metadata: { remarks: 'x' } },
    end: 'not_stored',
  },
  { subjects: ['senlin'], patch: ATTRIBUTE, shown: { metadata: {} }, end: 'not_stored' },
  // Many profile types compute the name, and none keeps blanks.
  { subjects: NERM, patch: NAME, shown: OTHER_NAME, end: ['/name'] },
  { subjects: NERM, patch: { name: 'Two  Words' }, shown: { name: 'Two Words' }, end: [] },
  {
    subjects: NERM,
    patch: { status: 'inactive' },
    shown: { status: 'On Leave' },
    end: 'outcome_unknown',
  },
  {
    subjects: NERM,
    patch: ATTRIBUTE,
    shown: { attributes: { remarks: 'x' } },
    end: 'outcome_unknown',
  },
  { subjects: NERM, patch: ATTRIBUTE, shown: { attributes: {} }, end: ['/attributes/remarks'] },
  {
    subjects: NERM,
    patch: { attributes: { remarks: TYPE } },
    shown: { attributes: { remarks: 'Sam' } },
    end: ['/attributes/remarks'],
  },
  {
    subjects: NERM,
    patch: nerm({ id_proofing_status: 'pass' }),
    shown: { id_proofing_status: 'fail' },
    end: 'outcome_unknown',
  },
  {
    subjects: NERM,
    patch: nerm({ profile_type_id: TYPE }),
    shown: { profile_type_id: TYPE.replace('6', '7') },
    end: 'outcome_unknown',
  },
  {
    subjects: ['naver'],
    patch: naver({ durationSeconds: 1200 }),
    shown: { durationSeconds: 3600 },
    end: 'outcome_unknown',
  },
  {
    subjects: ['naver'],
    patch: naver({ roleIdList: [ROLE] }),
    shown: { roleNrnList: ['one', 'two'] },
    end: 'not_stored',
  },
  {
    subjects: ['naver'],
    patch: naver({ roleIdList: [ROLE] }),
    shown: { roleNrnList: ['one'] },
    end: ['/extensions/naver/roleIdList'],
  },
];

/** Every case of a subject ends as it must. */
export async function expectShownOtherwise(subject: Subject): Promise<void> {
  for (const { end, patch, shown, subjects } of CASES) {
    if (!subjects.includes(subject.title)) continue;
    const harness = await createHarness(subject, (send) => showing(subject, send, shown));
    // What was there before is what a vendor shows that ignores the write.
    const isStored = Object.keys(shown).every((name) => Object.hasOwn(harness.stored(), name));
    if (typeof end === 'string' && isStored) harness.reset(shown);
    const answer = await harness.patch(patch);
    const told = `${JSON.stringify(patch)} shown as ${JSON.stringify(shown)}`;
    if (typeof end === 'string') {
      expect(codeOf(answer), told).toBe(end);
    } else {
      expect(answer.status, told).toBe(200);
      const write = ownObject(answer.body, 'write');
      expect(write === undefined ? undefined : own(write, 'unconfirmed'), told).toEqual(end);
    }
  }
}

/** From the first write on, every answer shows `members` in place of the profile's own. */
function showing(subject: Subject, send: Send, members: JsonObject): Send {
  const isToken = tokenRequestTest(subject);
  let isWritten = false;
  return async (request: HttpRequest, timeoutMs) => {
    const answer = await send(request, timeoutMs);
    if (isToken(request) || isFailure(answer)) return answer;
    isWritten ||= request.method !== 'GET';
    const body = parseExact(answer.body);
    if (!isWritten || !isObject(body)) return answer;
    return { ...answer, body: JSON.stringify(laid(body, members)) };
  };
}

function laid(body: JsonObject, members: JsonObject): Json {
  const holder = ['profile', 'project'].find((name) => isObject(own(body, name)));
  if (holder === undefined) return { ...body, ...members };
  return { ...body, [holder]: { ...ownObject(body, holder), ...members } };
}
