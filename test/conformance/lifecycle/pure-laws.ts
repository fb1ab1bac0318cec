import { expect } from 'vitest';
import {
  type Connection,
  type HttpRequest,
  type HttpResponse,
  type Json,
  operationCapabilities,
  own,
} from '../../../src/adapter-kit/index.ts';
import { adapterOf, connect, deepFreeze, spellings, TARGET } from '../bench.ts';
import { laced, secretTexts } from '../echoes.ts';
import type { Law } from './create-laws.ts';
import { baseOf, make } from './new-profiles.ts';
import { createStage, walk } from './stage.ts';
import type { LifecycleSubject } from './subjects.ts';

/** The laws of what operations may know and tell. */
export function pureLaws({ declared: { create, list, remove } }: LifecycleSubject): Law[] {
  if (create === undefined || list === undefined || remove === undefined) return [];
  return [
    { title: 'the same answers lead to the same requests, without I/O', hold: repeatsWithoutIo },
    { title: 'capabilities are those that are declared', hold: showsDeclared },
    { title: 'secrets in answers are told to nobody', hold: tellsNoSecret },
  ];
}

async function showsDeclared(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const { body } = await stage.call('GET', `/capabilities/${TARGET}`);
  const shown = operationCapabilities(subject.declared);
  expect(own(body, 'operations')).toEqual(JSON.parse(JSON.stringify(shown)));
}

type Conversation = Generator<HttpRequest, unknown, HttpResponse>;

/** A conversation as it went, and its like at another connection. */
type Heard = {
  readonly again: (connection: Connection) => Conversation | undefined;
  readonly requests: HttpRequest[];
  readonly answers: HttpResponse[];
  result?: unknown;
};

async function repeatsWithoutIo(subject: LifecycleSubject): Promise<void> {
  const heard: Heard[] = [];
  const adapter = subject.adapter ?? adapterOf(subject.vendor);
  const stage = await createStage({
    ...subject,
    adapter: {
      ...adapter,
      open: (settings) => {
        const opened = adapter.open(settings);
        return opened.ok ? { ok: true, connection: listening(opened.connection, heard) } : opened;
      },
    },
  });
  const id = await make(stage);
  await walk(stage, { limit: '2', name: 'eu-de_made' });
  await walk(stage, { limit: '2' });
  await stage.remove(id);
  expect(heard.length).toBeGreaterThan(2);
  const fresh = connect(subject.vendor, subject.settings, adapter);
  for (const { again, answers, requests, result } of heard) {
    const { asked, end } = withoutIo(() => drive(again(fresh), answers));
    expect(asked).toEqual(requests);
    expect(end).toEqual(result);
  }
}

function drive(conversation: Conversation | undefined, answers: readonly HttpResponse[]) {
  if (conversation === undefined) throw new Error('the operation is gone');
  const asked: HttpRequest[] = [];
  let step = conversation.next();
  for (const answer of answers) {
    if (step.done !== true) asked.push(step.value);
    step = conversation.next(answer);
  }
  return { asked, end: step.value };
}

/** The connection, each conversation of whose operations is written down. */
function listening(connection: Connection, heard: Heard[]): Connection {
  const { create, list, remove } = connection;
  function* told<R>(
    conversation: Generator<HttpRequest, R, HttpResponse>,
    again: Heard['again'],
  ): Generator<HttpRequest, R, HttpResponse> {
    const one: Heard = { again, requests: [], answers: [] };
    heard.push(one);
    let step = conversation.next();
    while (step.done !== true) {
      one.requests.push(step.value);
      const answer = yield step.value;
      one.answers.push(deepFreeze(answer));
      step = conversation.next(answer);
    }
    one.result = step.value;
    return step.value;
  }
  return {
    ...connection,
    ...(list && {
      list: { ...list, page: (request) => told(list.page(request), (c) => c.list?.page(request)) },
    }),
    ...(create && {
      create: {
        ...create,
        send: (changes) => told(create.send(changes), (c) => c.create?.send(changes)),
        find: (trace) => told(create.find(trace), (c) => c.create?.find(trace)),
      },
    }),
    ...(remove && {
      remove: {
        ...remove,
        send: (id, before) => told(remove.send(id, before), (c) => c.remove?.send(id, before)),
      },
    }),
  };
}

/** What knows the time or leads out of a process. */
const WORLD: readonly (readonly [object, string])[] = [
  [Date, 'now'],
  [Math, 'random'],
  [performance, 'now'],
  [crypto, 'randomUUID'],
  [crypto, 'getRandomValues'],
  [globalThis, 'fetch'],
  [globalThis, 'setTimeout'],
  [globalThis, 'queueMicrotask'],
];

/** Runs `task` where every way to the world throws. */
function withoutIo<T>(task: () => T): T {
  const kept = WORLD.map(([holder, name]) => Object.getOwnPropertyDescriptor(holder, name));
  const value = (): never => {
    throw new Error('an operation that looks outside');
  };
  for (const [holder, name] of WORLD) {
    Object.defineProperty(holder, name, { value, configurable: true, writable: true });
  }
  try {
    return task();
  } finally {
    for (const [i, [holder, name]] of WORLD.entries()) {
      const before = kept[i];
      if (before === undefined) Reflect.deleteProperty(holder, name);
      else Object.defineProperty(holder, name, before);
    }
  }
}

/** Every answer repeats every secret, in all spellings; the bench searches what callers get. */
async function tellsNoSecret(subject: LifecycleSubject): Promise<void> {
  const texts = secretTexts(subject.settings);
  const hostile = { status: 200, isOn: false };
  const stage = await createStage(subject, (send) => async (request, timeoutMs) => {
    const answer = await send(request, timeoutMs);
    if (!hostile.isOn || /token/.test(request.path) || !('body' in answer)) return answer;
    if (request.method === 'GET' && !/[?]/.test(request.path)) return answer;
    const sent = Object.values(request.headers).map((value) => value.replace(/^Bearer /, ''));
    const said = [...texts, ...sent].flatMap(spellings).join(' ');
    const { status } = hostile;
    return { ...answer, status, headers: { 'x-request-id': said }, body: laced(ERROR, said) };
  });
  expect(texts.length).toBeGreaterThan(0);
  const id = await make(stage, 'eu-de_kept');
  const base = await baseOf(stage);
  hostile.isOn = true;
  for (const status of [400, 401, 403, 404, 409, 500, 503]) {
    hostile.status = status;
    const answers = [
      await stage.list({}),
      await stage.create({ ...base, name: `eu-de_x${status}` }),
      await stage.remove(id),
    ];
    for (const { status: answered } of answers) expect(answered).toBeGreaterThanOrEqual(400);
  }
}

/** Members in which vendors tell of errors. */
const ERROR: string = JSON.stringify({
  error: { message: 'm', code: 'c', type: 't', title: 't', errorCode: 'e', details: 'd' },
  errors: { name: 'n' },
  message: 'm',
  error_msg: 'm',
  error_code: 'c',
  fault: { no: 4000, text: 't' },
} satisfies Json);
