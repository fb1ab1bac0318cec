import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/child.ts';
import { serverFolder } from '../postgres-server.ts';

/** The tree of a release, which a gateway runs from. */
export type Release = { readonly folder: string; readonly version: string };

const MIGRATIONS = 'src/node/state/postgres/migrations.ts';

/** The tree as it is. */
export const THIS_RELEASE: Release = {
  folder: ROOT,
  version: JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version,
};

/**
 * A step that only adds, to every table: to those whose rows are read by `*`, and to those that
 * statements with kept plans read and write.
 */
const stepOf = (number: number): string => `
  {
    usableFrom: 1,
    text: \`
ALTER TABLE profile_gateway.replica ADD COLUMN later_${number} text;
ALTER TABLE profile_gateway.lease ADD COLUMN later_${number} bigint NOT NULL DEFAULT 0;
ALTER TABLE profile_gateway.receipt ADD COLUMN later_${number} text;
ALTER TABLE profile_gateway.idempotency ADD COLUMN later_${number} text;
CREATE TABLE profile_gateway.later_${number} (id bigint PRIMARY KEY);
\`,
  },
];
`;

/** Makes the tree of a release that is `ahead` schema steps ahead of this one. */
export function laterRelease(ahead: number): Release & { readonly remove: () => void } {
  const folder = serverFolder('release');
  for (const part of ['src', 'adapters', 'package.json']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const version = `0.${ahead}.1-later`;
  rewrite(
    join(folder, 'package.json'),
    `"version": "${THIS_RELEASE.version}"`,
    `"version": "${version}"`,
  );
  for (let number = 1; number <= ahead; number += 1) {
    rewrite(join(folder, MIGRATIONS), /\];\n$/, stepOf(number));
  }
  return { folder, version, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function rewrite(file: string, what: string | RegExp, by: string): void {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(what, by);
  if (after === before) throw new Error(`${file} has no ${what}`);
  writeFileSync(file, after);
}
