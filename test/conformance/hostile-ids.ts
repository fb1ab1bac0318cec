import { expect } from 'vitest';
import type { Change, HttpRequest } from '../../src/adapter-kit/index.ts';
import { expectTyped } from './judged.ts';
import type { Harness, Subject } from './subjects.ts';

/** Parts of paths, headers and texts that servers and clients read in their own way. */
export const FRAGMENTS = [
  '.',
  '..',
  '../',
  '/',
  '//',
  '\\',
  '?x=1',
  '#x',
  '%',
  '%2f',
  '%2e%2e',
  '%25',
  '%00',
  ';a=b',
  '@',
  ':',
  '\r\nX-Injected: 1',
  '\u0000',
  '\u2024\u2024',
  '\uff0f',
  '\u202e',
  'é',
  'e\u0301',
  '💥',
  ' ',
  '*',
  'x'.repeat(300),
];

/** Ids alone and around a real one, in other letters, cut and doubled. */
export function hostileIds({ id }: Subject): string[] {
  const around = FRAGMENTS.flatMap((part) => [part, id + part, part + id, `${id}/${part}`]);
  return [
    '',
    'x',
    id.slice(0, 1),
    id.slice(0, 8),
    id.toUpperCase(),
    id.replaceAll('-', ''),
    `{${id}}`,
    `urn:uuid:${id}`,
    `${id}/enable`,
    id + id,
    ...around,
  ];
}

/** Requests for the profile must go to one segment below this path, and to nothing else. */
function rootOf({ connection, subject }: Harness): string {
  const { path } = firstRead(connection, subject.id);
  expect(path.endsWith(`/${subject.id}`)).toBe(true);
  return path.slice(0, -subject.id.length);
}

function firstRead(connection: Harness['connection'], id: string): HttpRequest {
  const step = connection.read(id).next();
  if (step.done === true) throw new Error('a read that asks for nothing');
  return step.value;
}

/** The path as a client and a server resolve it is the one that was made, with the id in it. */
function expectInside({ origin, path }: HttpRequest, roots: readonly string[], id: string): void {
  const { pathname, search } = new URL(origin + path);
  expect(pathname + search).toBe(path);
  const root = roots.find((candidate) => pathname.startsWith(candidate));
  expect(root, path).toBeDefined();
  const [own = ''] = pathname.slice(root?.length).split('/');
  expect(decodeURIComponent(own)).toBe(id);
}

/** The paths that requests for the subject's profile begin with. */
export async function rootsOf(harness: Harness): Promise<string[]> {
  const { subject } = harness;
  const patched = await harness.patch(
    { name: 'eu-de_name', description: 'x', status: 'inactive' },
    'handling=lenient',
  );
  expect(patched.status).toBe(200);
  const paths = harness.sent.map(({ path }) => path).filter((path) => path.includes(subject.id));
  const cut = paths.map((path) => path.slice(0, path.indexOf(subject.id)));
  harness.reset();
  return [...new Set([rootOf(harness), ...cut])];
}

/** Asks for `id`: it is refused, or all that is sent stays in its place. */
export async function tryId(harness: Harness, roots: readonly string[], id: string): Promise<void> {
  const { sent, subject } = harness;
  sent.length = 0;
  for (const patch of [undefined, '{"name":"eu-de_other"}']) {
    const answer = await harness.ask({ id, ...(patch === undefined ? {} : { patch }) });
    expectTyped(answer);
    if (id !== subject.id) expect(answer.status).not.toBe(200);
  }
  const requests = sent.filter(({ path }) => roots.some((root) => path.startsWith(root)));
  for (const request of requests) expectInside(request, roots, id);
  const others = sent.filter((request) => !requests.includes(request));
  for (const { path } of others) expect(path).toMatch(/token/);
}

/** The adapter alone: an id that it takes stays in its place. */
export function expectIdsRefused({ connection, subject }: Harness, roots: readonly string[]): void {
  const changes: readonly Change[] = [];
  for (const id of [...hostileIds(subject), subject.id]) {
    if (connection.validateId(id) !== undefined) continue;
    expectInside(firstRead(connection, id), roots, id);
    const step = connection.write(id, changes, undefined).next();
    if (step.done !== true) expectInside(step.value.request, roots, id);
  }
  expect(connection.validateId(subject.id)).toBeUndefined();
  for (const id of ['', '.', '..', 'x', '\ud800', `${subject.id}\ud800`]) {
    expect(connection.validateId(id)).toBeDefined();
  }
}
