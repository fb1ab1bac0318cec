import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Connection, HttpResponse, JsonObject } from '../../../src/adapter-kit/index.ts';
import { confirm } from '../../../src/writes/compare.ts';
import { answer, drive, open, planned } from './exchange.ts';

const FIXTURES = new URL('../../../adapters/nerm/fixtures/', import.meta.url);
const names = readdirSync(FIXTURES).filter((name) => name.endsWith('.json'));
test.each(names)('%s', (name) => {
  const fixture = JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'));
  const connection = open(fixture.settings.auth, fixture.settings.baseUrl);
  const responses = fixture.exchanges.map((exchange: { response: HttpResponse }) => ({
    ...exchange.response,
    body: answer(0, exchange.response.body).body,
  }));
  const replayed =
    fixture.operation === 'read'
      ? replayRead(connection, fixture.id, responses)
      : replayPatch(connection, fixture, responses);
  expect(replayed.told).toEqual(fixture.expect);
  expect(
    replayed.requests.map(({ method, path, body }) => ({
      method,
      path,
      ...(body === undefined ? {} : { body: JSON.parse(body) }),
    })),
  ).toEqual(fixture.exchanges.map((exchange: { request: JsonObject }) => exchange.request));
});

function replayRead(connection: Connection, id: string, responses: readonly HttpResponse[]) {
  const { result, requests } = drive(connection.read(id), responses);
  const told = result.ok ? { content: result.value.content } : { code: result.fault.code };
  return { told, requests };
}

/** What of a patch shows in a transcript: the writes, and reads before and after where needed. */
function replayPatch(
  connection: Connection,
  fixture: { id: string; patch: unknown; handling: 'strict' | 'lenient' },
  responses: readonly HttpResponse[],
) {
  const { changes, refusals, losses } = planned(connection, fixture.patch, fixture.handling);
  if (refusals.length > 0 && fixture.handling === 'strict') {
    return { told: { code: 'unsupported_patch', outcome: 'rejected' }, requests: [] };
  }
  const first = connection.requiresRead(changes)
    ? drive(connection.read(fixture.id), responses)
    : { requests: [] };
  const answers = responses.slice(first.requests.length);
  const { result, requests } = drive(connection.write(fixture.id, changes, undefined), answers);
  requests.unshift(...first.requests);
  if (!result.ok && result.fault.effect === 'none') {
    return { told: { code: result.fault.code, outcome: 'rejected' }, requests };
  }
  let shown = result.ok ? result.value.profile : undefined;
  if (shown === undefined) {
    const reading = drive(connection.read(fixture.id), answers.slice(1));
    requests.push(...reading.requests);
    if (!reading.result.ok) throw new Error(reading.result.fault.code);
    shown = reading.result.value;
  }
  const { content } = shown;
  expect(changes.filter((change) => confirm(change, content) === 'contradicted')).toEqual([]);
  const unconfirmed = changes.filter((change) => confirm(change, content) !== 'confirmed');
  const told = {
    outcome: result.ok && result.value.noop ? 'noop' : 'applied',
    content,
    losses,
    unconfirmed: unconfirmed.map((change) => change.pointer),
  };
  return { told, requests };
}
