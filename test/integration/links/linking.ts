import { expect } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { createLinkTable } from '../../../src/routing/link-table.ts';
import type { OpenLinks } from '../../../src/routing/links.ts';
import type { TestReplica } from '../../state/replicas.ts';
import {
  type Asked,
  ask,
  operated,
  type Start,
  waitFor,
  withReplicas,
} from '../lifecycle/operating.ts';

/** An upstream id, by its last digits. */
export const at = (n: number): string => `33f072dd-13b4-41e1-8ea0-${String(n).padStart(12, '0')}`;

export type FileLinks = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Links of a file, in memory. */
export function openLinksOf(links: FileLinks): OpenLinks {
  return async (_, names) => {
    const table = createLinkTable(names);
    for (const [id, targets] of Object.entries(links)) {
      const linked = Object.entries(targets).map(([name, upstreamId]) => ({
        position: names.indexOf(name),
        upstreamId,
      }));
      table.add(id, linked);
    }
    return { ok: true, links: { ...table, digest: JSON.stringify(links) } };
  };
}

const DATE = '2026-01-05T08:00:00.000Z';

/** A vendor that has every profile; `waits` holds its writes up. */
export function createDirectory() {
  const written: string[] = [];
  const deleted = new Set<string>();
  const directory = {
    /** Upstream ids of profiles that are there no more. */
    deleted,
    /** Upstream ids of the writes, in their order. */
    written,
    waits: async (_id: string): Promise<void> => {},
    fetch: async (request: Request): Promise<Response> => {
      const id = new URL(request.url).pathname.split('/').at(-1) ?? '';
      if (request.method === 'DELETE') {
        deleted.add(id);
        return new Response(null, { status: 204 });
      }
      if (deleted.has(id)) return Response.json({ error: 'profile not found' }, { status: 400 });
      const profile = { id, uid: 'u', name: 'Dana', status: 'Active', attributes: {} };
      if (request.method === 'PATCH') {
        written.push(id);
        const body = JSON.parse(await request.text());
        Object.assign(profile.attributes, body.profile.attributes);
        await directory.waits(id);
      }
      const headers = { 'content-type': 'application/json' };
      const shown = { ...profile, created_at: DATE, updated_at: new Date().toISOString() };
      return new Response(JSON.stringify({ profile: shown }), { headers });
    },
  };
  return directory;
}

export type Directory = ReturnType<typeof createDirectory>;

/** Time after which others close a session: a beat is a fifth of it, too long for any test. */
export const LONG_SESSION_MS = 60_000;

/** Runs a test with replicas whose configuration has the links of a file. */
export function withLinks(
  links: FileLinks,
  work: (start: Start, directory: Directory) => Promise<void>,
) {
  return withReplicas(async (start) => {
    const directory = createDirectory();
    const document: JsonObject = { ...operated, links: 'of the test' };
    const linked: Start = (name, options) =>
      start(name, {
        fetch: directory.fetch,
        document,
        openLinks: openLinksOf(links),
        sessionMs: LONG_SESSION_MS,
        ...options,
      });
    await work(linked, directory);
  });
}

export function setLink(replica: TestReplica, id: string, targets: JsonObject, asked: Asked = {}) {
  return ask(replica, 'PUT', `/admin/links/${id}`, { body: { targets }, ...asked });
}

/** Writes a profile by its id; the status, and where it went. */
export async function write(replica: TestReplica, id: string, site = 'Berlin') {
  const body = { attributes: { site } };
  const answer = await ask(replica, 'PATCH', `/profiles/${id}`, { by: 'portal', body });
  return { status: answer.status, code: answer.json.code, at: answer.json.profile?.upstreamId };
}

/** Reads the link of an id. */
export async function linkOf(replica: TestReplica, id: string) {
  const { json, status } = await ask(replica, 'GET', `/admin/links/${id}`, { by: 'watcher' });
  return { status, json };
}

/** Waits until the link of an id is in force everywhere. */
export async function inForce(replica: TestReplica, id: string): Promise<void> {
  await waitFor(async () => (await linkOf(replica, id)).json.inForceEverywhere === true);
}

/** Expects an answer to be a problem. */
export function expectProblem(
  answer: { readonly status: number; readonly json: { readonly code?: string } },
  status: number,
  code: string,
): void {
  expect([answer.status, answer.json.code]).toEqual([status, code]);
}
