import { describe, expect, test } from 'vitest';
import { createSandboxSet } from '../../adapters/sandbox-kit/host.ts';
import type { Unkindness } from '../../adapters/sandbox-kit/unkind.ts';
import { sandboxes } from '../../adapters/sandboxes.ts';
import { type HttpResponse, isObject, type JsonObject, own } from '../../src/adapter-kit/index.ts';
import { isFailure } from '../../src/ports.ts';
import { createFetchSend } from '../../src/workers/fetch-client.ts';
import { createBench, START_MS } from '../conformance/bench.ts';
import { subjects } from '../conformance/subjects.ts';

const TEXT = ' Ab 1/2 é ';

/** The member of each vendor's object that holds free text, or a map of it. */
const TEXTS: Readonly<Record<string, string>> = {
  iam: 'description',
  naver: 'description',
  nerm: 'attributes',
  senlin: 'metadata',
};
const tried = subjects.filter(({ vendor }) => TEXTS[vendor] !== undefined);

/** A sandbox behind the gateway, and what the sandbox answered to the last write. */
async function stage({ folder, id, settings, vendor }: (typeof subjects)[number]) {
  const control = { modes: [] as Unkindness[], events: [] as string[] };
  const clock = { nowMs: START_MS };
  const set = createSandboxSet(() => clock.nowMs, sandboxes, {
    modes: () => control.modes,
    wait: async () => {
      control.events.push(`wait, ${changes()} stored`);
    },
  });
  const sandbox = set.byFolder.get(folder);
  const changes = () => sandbox?.journal().length;
  const send = createFetchSend(set.fetch);
  let written: HttpResponse | undefined;
  const bench = await createBench({
    vendor,
    settings,
    clock,
    send: async (request, timeoutMs) => {
      const answer = await send(request, timeoutMs);
      const isToken = /\/tokens?(?:\?|$)/.test(request.path);
      if (request.method !== 'GET' && !isToken && !isFailure(answer)) written ??= answer;
      return answer;
    },
  });
  const member = TEXTS[vendor] ?? '';
  const patch = async (text: string): Promise<JsonObject> => {
    const isText = member === 'description';
    const change = isText ? { description: text } : { attributes: { remarks: text } };
    return (await bench.ask({ id, patch: JSON.stringify(change) })).body;
  };
  const stored = () => {
    const value = sandbox?.stored(id)?.[member];
    return isObject(value) ? own(value, 'remarks') : value;
  };
  return { control, patch, stored, changes, answer: () => written };
}

describe.each(tried)('$title', (subject) => {
  test.each<[Unkindness, string]>([
    ['trimmed', 'Ab 1/2 é'],
    ['padded', ' Ab 1/2 é   '],
    ['recased', ' AB 1/2 É '],
    ['reformatted', ' Ab 01/02 e\u0301 '],
    ['computed', 'computed from 10 characters'],
  ])('a text is stored %s, until the mode ends', async (mode, expected) => {
    const { control, patch, stored } = await stage(subject);
    control.modes = [mode];
    await patch(TEXT);
    expect(stored()).toBe(expected);
    control.modes = [];
    await patch('plain 1 text');
    expect(stored()).toBe('plain 1 text');
  });

  test('a success has no body', async () => {
    const { answer, control, patch, stored } = await stage(subject);
    control.modes = ['no_body'];
    await patch('x');
    expect(answer()).toMatchObject({ status: 200, body: '' });
    expect(stored()).toBe('x');
  });

  test('a success is a 202 with a job', async () => {
    const { answer, control, patch, stored } = await stage(subject);
    control.modes = ['accepted'];
    await patch('x');
    expect(answer()).toMatchObject({ status: 202, body: '{"status":"queued"}' });
    expect(stored()).toBe('x');
  });

  test.each<[Unkindness, string]>([
    ['late_answer', 'wait, 1 stored'],
    ['late_write', 'wait, 0 stored'],
  ])('%s', async (mode, event) => {
    const { changes, control, patch } = await stage(subject);
    control.modes = [mode];
    await patch('x');
    expect(control.events).toEqual([event]);
    expect(changes()).toBe(1);
  });
});
