import { describe, expect, test } from 'vitest';
import {
  type Connection,
  type HttpRequest,
  isObject,
  type JsonObject,
} from '../../src/adapter-kit/index.ts';
import { adapterOf, START_MS } from '../conformance/bench.ts';
import { runtimeDigests } from '../conformance/environment.ts';
import { subjects } from '../conformance/subjects.ts';

/** Ends that a header cannot carry, or that a runtime cuts off. */
const ENDS = ['\n', '\r\n', '\r', '\0', '\t', ' ', '\u00e9', '\u2603', '\ud800'];

/** The paths of all texts of some settings. */
function textPaths(settings: JsonObject, parents: readonly string[] = []): string[][] {
  return Object.entries(settings).flatMap(([key, value]) => {
    if (isObject(value)) return textPaths(value, [...parents, key]);
    return typeof value === 'string' ? [[...parents, key]] : [];
  });
}

/** The settings with `end` behind the text at `path`. */
function withEnd(settings: JsonObject, [key = '', ...rest]: readonly string[], end: string) {
  const value = settings[key];
  const changed: JsonObject = {
    ...settings,
    [key]: isObject(value) ? withEnd(value, rest, end) : `${value}${end}`,
  };
  return changed;
}

/** All header values that follow from the settings alone. */
async function headerValues(connection: Connection, id: string): Promise<string[]> {
  const { authorization } = connection;
  const requests: HttpRequest[] = [firstOf(connection.read(id))];
  if (authorization.kind === 'token') requests.push(firstOf(authorization.acquire()));
  const headers = requests.map((request) => request.headers);
  if (authorization.kind === 'headers') headers.push(authorization.headers);
  if (authorization.kind === 'signature') {
    const context = { nowMs: START_MS, digests: await runtimeDigests() };
    for (const request of requests) headers.push(await authorization.sign(request, context));
  }
  return headers.flatMap((all) => Object.values(all));
}

function firstOf(conversation: Iterator<HttpRequest, unknown, never>): HttpRequest {
  const { done, value } = conversation.next();
  if (done === true) throw new Error('the conversation has no request');
  return value as HttpRequest;
}

describe.each(subjects)('$title', ({ adapter, id, settings, vendor }) => {
  const { open } = adapter ?? adapterOf(vendor);

  test.each(textPaths(settings).map((path) => ({ name: path.join('.'), path })))(
    'a character that no header carries in $name is refused, or reaches none',
    async ({ name, path }) => {
      for (const end of ENDS) {
        const opened = open(withEnd(settings, path, end));
        if (!opened.ok) {
          expect(opened.issues.map((issue) => issue.path)).toContain(name);
          continue;
        }
        for (const value of await headerValues(opened.connection, id)) {
          expect(value).toMatch(/^[!-~](?:[ -~]*[!-~])?$/);
        }
      }
    },
  );
});
