import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Source, sources } from './sources.ts';

/** The folders that use cases stand on, and with them those that HTTP stands on. */
const BELOW_PROFILES = [
  'adapter-kit',
  'auth',
  'limits.ts',
  'ports.ts',
  'routing',
  'state',
  'telemetry',
  'upstream',
  'writes',
];
const BELOW_HTTP = [...BELOW_PROFILES, 'config', 'matching', 'profiles'];

/** The folders of `src/` that each folder may import; `docs/architecture.md` has the same table. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'adapter-kit': [],
  'limits.ts': [],
  state: ['limits.ts'],
  telemetry: ['adapter-kit', 'limits.ts'],
  'ports.ts': ['adapter-kit', 'state', 'telemetry'],
  upstream: ['adapter-kit', 'limits.ts', 'ports.ts', 'state', 'telemetry'],
  routing: ['adapter-kit', 'limits.ts', 'upstream'],
  auth: ['adapter-kit', 'limits.ts', 'ports.ts', 'routing', 'state'],
  writes: ['adapter-kit', 'limits.ts', 'state', 'upstream'],
  profiles: BELOW_PROFILES,
  matching: ['adapter-kit', 'limits.ts', 'routing', 'state'],
  client: [],
  config: ['adapter-kit', 'auth', 'limits.ts', 'routing', 'telemetry', 'upstream'],
  http: BELOW_HTTP,
  console: ['adapter-kit', 'auth', 'config', 'http', 'limits.ts', 'ports.ts'],
  node: [...BELOW_HTTP, 'adapters', 'console', 'http', 'package.json'],
  workers: [
    ...BELOW_HTTP.filter((room) => !['matching', 'upstream', 'writes'].includes(room)),
    'adapters',
    'http',
    'package.json',
  ],
};

/** Packages that one place alone may import, as patterns of specifiers and of paths. */
const PLACES: readonly { readonly packages: RegExp; readonly paths: RegExp }[] = [
  {
    packages: /^(?:node:|undici$|pg$|yaml$|prom-client$|@opentelemetry\/|@hono\/node-server)/,
    paths: /^src\/node\//,
  },
  { packages: /^cloudflare:/, paths: /^src\/workers\// },
  {
    packages: /^(?:hono$|hono\/|@hono\/zod-validator)/,
    paths: /^(?:src\/(?:console|http|node|workers)\/|adapters\/(?:[^/]+\/sandbox|sandbox-kit)\/)/,
  },
];

/** Most files that a folder itself may hold, those of its subfolders not counted. */
const FILES_MAX = { src: 20, test: 30 } as const;

const shipped = sources.filter(({ path }) => /^(?:src|adapters)\//.test(path));
const gateway = shipped.filter(({ path }) => path.startsWith('src/'));

/** The files that a file imports, types included, by their paths from the repository's root. */
function importedFiles({ imports, path }: Source): string[] {
  const relative = imports.filter((from) => from.startsWith('.'));
  return relative.map((from) => new URL(from, `file:///${path}`).pathname.slice(1));
}

/** The folder of `src/` that a file belongs to, a file of `src/` itself, or `adapters`. */
function roomOf(path: string): string {
  const [top = '', room = ''] = path.split('/');
  return top === 'src' ? room : top;
}

describe('arrows between folders', () => {
  const arrows = new Map<string, string>();
  for (const source of gateway) {
    for (const target of importedFiles(source)) {
      const [from, to] = [roomOf(source.path), roomOf(target)];
      if (from !== to) arrows.set(`${from} -> ${to}`, `${source.path} -> ${target}`);
    }
  }

  test('each is allowed, and each that is allowed is there', () => {
    const allowed = Object.entries(ALLOWED).flatMap(([from, rooms]) =>
      rooms.map((to) => `${from} -> ${to}`),
    );
    const found = [...arrows.keys()];
    expect(found.filter((arrow) => !allowed.includes(arrow)).map((a) => arrows.get(a))).toEqual([]);
    expect(allowed.filter((arrow) => !arrows.has(arrow))).toEqual([]);
  });

  test('the documents have the same table', () => {
    const page = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
    for (const [room, rooms] of Object.entries(ALLOWED)) {
      const name = room.endsWith('.ts') ? room : `${room}/`;
      const row = page.split('\n').find((line) => line.startsWith(`| \`src/${name}\` |`));
      const [, , , cell = ''] = row?.split('|') ?? [];
      const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, to = '']) => to);
      const own = named.filter((to) => !to.includes('zod'));
      expect([room, own.toSorted()]).toEqual([room, rooms.toSorted()]);
    }
  });

  test('none leads back up', () => {
    const rooms = Object.keys(ALLOWED);
    const up = [...arrows.keys()].filter((arrow) => {
      const [from = '', to = ''] = arrow.split(' -> ');
      return rooms.includes(to) && ALLOWED[to]?.includes(from);
    });
    expect(up).toEqual([]);
  });
});

test('no file imports itself by way of others', () => {
  const targets = new Map(shipped.map((source) => [source.path, importedFiles(source)]));
  const done = new Set<string>();
  const way: string[] = [];
  const circles: string[] = [];
  const visit = (path: string): void => {
    const start = way.indexOf(path);
    if (start >= 0) circles.push([...way.slice(start), path].join(' -> '));
    if (start >= 0 || done.has(path)) return;
    way.push(path);
    for (const target of targets.get(path) ?? []) visit(target);
    way.pop();
    done.add(path);
  };
  for (const path of targets.keys()) visit(path);
  expect(circles).toEqual([]);
});

test('packages are imported where they belong', () => {
  const found = shipped.flatMap(({ imports, path }) =>
    PLACES.filter(({ paths }) => !paths.test(path)).flatMap(({ packages }) =>
      imports.filter((from) => packages.test(from)).map((from) => `${path}: ${from}`),
    ),
  );
  expect(found).toEqual([]);
});

test('no folder is full', () => {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const full = [...counts].filter(([folder, files]) => {
    const max = folder.startsWith('src') ? FILES_MAX.src : FILES_MAX.test;
    return files > max;
  });
  expect(counts.get('src/http')).toBeGreaterThan(5);
  expect(full).toEqual([]);
});
