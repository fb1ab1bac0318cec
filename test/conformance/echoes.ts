import { expect } from 'vitest';
import {
  type Adapter,
  type HttpResponse,
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
} from '../../src/adapter-kit/index.ts';
import { isFailure, type Send } from '../../src/ports.ts';
import { type Answer, createBench, spellings } from './bench.ts';
import { expectTyped } from './judged.ts';
import { createPlayer, type Recording, tokenRequestTest } from './recorded.ts';
import { recordingsOf, type Subject } from './subjects.ts';
import { questionOf } from './transcript.ts';

/** A token as long as those of PKI, so that cutting a message first would leave a part of it. */
const LONG_TOKEN = `token-not-real-${'abcdefghij'.repeat(600)}`;

/** Letters that JSON, a URL and a form write otherwise; all may stand in a header. */
const DELICATE = '"\\/+=%<';

/**
 * Plays a failure whose every text tells every secret in every spelling. The bench refuses each
 * answer and log record that holds one. With `delicate` secrets have letters that are escaped.
 */
export async function tellSecrets(
  recorded: Recording,
  { adapter, delicate }: { readonly adapter?: Adapter | undefined; readonly delicate: boolean },
): Promise<Answer> {
  const recording = delicate ? withDelicateSecrets(recorded) : recorded;
  const { id, settings, vendor } = recording;
  const token = delicate ? `${DELICATE}${LONG_TOKEN}` : LONG_TOKEN;
  const bench = await createBench({ vendor, settings, send: echoing(recording, token), adapter });
  const answer = await bench.ask({ id, ...questionOf(recording) });
  expectTyped(answer);
  expect(bench.secrets.size).toBeGreaterThan(0);
  return answer;
}

/** The failures on record of a subject's dialect, by the subject's own way to authorize. */
export function failuresOf(subject: Subject): Recording[] {
  const auth = subject.settings.auth ?? null;
  return recordingsOf(subject)
    .filter((recording) => recording.expect.code !== undefined)
    .map((recording) => ({ ...recording, settings: { ...recording.settings, auth } }));
}

/** Plays the recording with all secrets written into the texts of its failures. */
function echoing(recording: Recording, token: string): Send {
  const { send } = createPlayer(recording);
  const isToken = tokenRequestTest(recording);
  const secrets = secretTexts(recording.settings);
  return async (request, timeoutMs) => {
    const answer = await send(request, timeoutMs);
    if (isFailure(answer)) return answer;
    if (isToken(request)) return withToken(answer, token);
    if (answer.status < 300) return answer;
    const sent = Object.values(request.headers).map((value) => value.replace(/^Bearer /, ''));
    const said = [...secrets, ...sent].flatMap(spellings).join(' ');
    return {
      ...answer,
      headers: { ...answer.headers, 'x-openstack-request-id': said, 'x-request-id': said },
      body: laced(answer.body, said),
    };
  };
}

function withToken(answer: HttpResponse, token: string): HttpResponse {
  const told = JSON.stringify(token);
  const body = answer.body.replace(/"access_token":"[^"]*"/, () => `"access_token":${told}`);
  return { status: answer.status, headers: { 'x-subject-token': token }, body };
}

/** Members of `auth` that open something. */
const SECRET_NAMES = [
  'password',
  'secret',
  'secretKey',
  'accessKey',
  'token',
  'clientId',
  'clientSecret',
];

/** Every string of the settings that opens something. */
export function secretTexts({ auth, key }: JsonObject): string[] {
  if (!isObject(auth)) return typeof key === 'string' ? [key] : [];
  return SECRET_NAMES.map((name) => own(auth, name)).filter((value) => typeof value === 'string');
}

function withDelicateSecrets(recording: Recording): Recording {
  const { auth } = recording.settings;
  if (!isObject(auth)) return recording;
  const members = Object.entries(auth).map(([name, value]): [string, Json] =>
    SECRET_NAMES.includes(name) ? [name, `${DELICATE}${name}-${value}`] : [name, value],
  );
  const settings = { ...recording.settings, auth: Object.fromEntries(members) };
  return { ...recording, settings };
}

/** The body with `said` before each text in it; a body that is no JSON gets it in front. */
export function laced(body: string, said: string): string {
  const lace = (value: Json): Json => {
    if (typeof value === 'string') return `${said} ${value}`;
    if (isList(value)) return value.map(lace);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, lace(member)]));
  };
  try {
    return JSON.stringify(lace(JSON.parse(body)));
  } catch {
    return `${said} ${body}`;
  }
}
