import { describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { isList, isObject, type Json, type JsonObject, own } from '../../src/contract/index.ts';
import { isFailure, type Send } from '../../src/gateway/ports.ts';
import { codeOf, createBench } from './bench.ts';
import { expectTyped } from './judged.ts';
import { createPlayer, type Recording, recordings, tokenRequestTest } from './recorded.ts';

/** A token as long as those of PKI, so that cutting a message first would leave a part of it. */
const LONG_TOKEN = `token-not-real-${'abcdefghij'.repeat(600)}`;

describe.each(adapters)('$vendor', ({ vendor }) => {
  const failures = recordings.filter(
    (recording) => recording.vendor === vendor && recording.expect.code !== undefined,
  );

  test.each(failures)('11: $name, with every secret in every text of the answer', async (given) => {
    const { handling = 'strict', id, patch, settings } = given;
    const bench = await createBench({ vendor, settings, send: echoing(given) });
    const headers = { prefer: `handling=${handling}` };
    const question = patch === undefined ? { id } : { id, patch: JSON.stringify(patch), headers };
    // The bench refuses every answer and log record that holds one.
    expectTyped(await bench.ask(question));
    expect(bench.secrets.size).toBeGreaterThan(0);
  });

  test('11: what is hidden is marked', async () => {
    const texts: string[] = [];
    for (const given of failures.filter(({ operation }) => operation === 'read')) {
      const { id, settings } = given;
      const bench = await createBench({ vendor, settings, send: echoing(given) });
      const answer = await bench.ask({ id });
      texts.push(`${codeOf(answer)} ${JSON.stringify(answer.body)}`);
    }
    expect(texts.filter((text) => text.includes('«secret:'))).not.toEqual([]);
  });
});

/** Plays the recording with all secrets written into the texts of its failures. */
function echoing(recording: Recording): Send {
  const { send } = createPlayer(recording);
  const isToken = tokenRequestTest(recording);
  const secrets = secretTexts(recording.settings);
  return async (request, timeoutMs) => {
    const answer = await send(request, timeoutMs);
    if (isFailure(answer)) return answer;
    if (isToken(request)) return withLongToken(answer);
    if (answer.status < 300) return answer;
    const sent = Object.values(request.headers).map((value) => value.replace(/^Bearer /, ''));
    const said = [...secrets, ...sent].join(' ');
    return {
      ...answer,
      headers: { ...answer.headers, 'x-openstack-request-id': said, 'x-request-id': said },
      body: laced(answer.body, said),
    };
  };
}

function withLongToken(answer: { status: number; headers: JsonObject; body: string }) {
  const body = answer.body.replace(/"access_token":"[^"]*"/, `"access_token":"${LONG_TOKEN}"`);
  return { status: answer.status, headers: { 'x-subject-token': LONG_TOKEN }, body };
}

/** Every string of the settings that opens something. */
function secretTexts(settings: JsonObject): string[] {
  const auth = settings.auth;
  if (!isObject(auth)) return [];
  const names = ['password', 'secret', 'secretKey', 'accessKey', 'token', 'clientSecret'];
  return names.map((name) => own(auth, name)).filter((value) => typeof value === 'string');
}

/** The body with `said` before each text in it; a body that is no JSON gets it in front. */
function laced(body: string, said: string): string {
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
