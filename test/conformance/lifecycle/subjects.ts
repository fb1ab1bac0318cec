import { createSandbox as createKeystone } from '../../../adapters/keystone/sandbox/index.ts';
import type { Sandbox, SandboxOptions } from '../../../adapters/sandbox-kit/sandbox.ts';
import type { Unkindness } from '../../../adapters/sandbox-kit/unkind.ts';
import { sandboxes as registered } from '../../../adapters/sandboxes.ts';
import type { Connection, JsonObject } from '../../../src/adapter-kit/index.ts';
import { adapterOf, connect } from '../bench.ts';
import acme from '../fifth-vendor/acme/index.ts';
import { createSandbox as createAcme } from '../fifth-vendor/acme/sandbox/index.ts';
import { ORIGIN, subjects as ofVendors, type Subject } from '../subjects.ts';

type Factories = Readonly<Record<string, (options: SandboxOptions) => Sandbox>>;

/** A vendor under one configuration with its further operations, and the sandboxes around it. */
export type LifecycleSubject = Subject & {
  readonly sandboxes: Factories;
  /** Ways in which its sandbox is harder to work with than the documents say. */
  readonly unkind: readonly Unkindness[];
  /** Its declarations, whatever stands in for its adapter. */
  readonly declared: Connection;
};

const TITLES = ['senlin', 'nerm', 'iam', 'iam (otc, access key)', 'iam (keystone)', 'naver'];

/** Keystone from 2025.1, whose lists have pages. */
const paged: Factories = {
  ...registered,
  keystone: (options) => createKeystone({ ...options, listing: { paging: 'marker' } }),
};

/** The vendors of the registry that no variant is chosen of here, such as a new one. */
const others = ofVendors.filter(
  ({ title, vendor }) => title === vendor && !TITLES.some((known) => known.startsWith(vendor)),
);

/** Every vendor, the dialects in which operations differ, and the vendor made up for tests. */
export const lifecycleSubjects: readonly LifecycleSubject[] = [
  ...[...TITLES.map(subjectOf), ...others].map((subject) => withDeclared(subject)),
  withDeclared({ ...subjectOf('iam (keystone)'), title: 'iam (keystone, pages)' }, paged),
  withDeclared({ ...subjectOf('naver'), title: 'naver (other readings)' }, registered, [
    'missing_404',
    'whole_total',
    'no_body',
  ]),
  ...(others.some(({ vendor }) => vendor === acme.vendor) ? [] : [madeUp()]),
];

function subjectOf(title: string): Subject {
  const subject = ofVendors.find((candidate) => candidate.title === title);
  if (subject === undefined) throw new Error(`no subject ${title}`);
  return subject;
}

function withDeclared(
  subject: Subject,
  sandboxes: Factories = registered,
  unkind: readonly Unkindness[] = [],
): LifecycleSubject {
  const { adapter = adapterOf(subject.vendor), vendor } = subject;
  const allows = subject.settings.dialect === 'otc' ? { allowDelete: true } : {};
  const settings: JsonObject = { ...subject.settings, ...allows };
  return { ...subject, settings, sandboxes, unkind, declared: connect(vendor, settings, adapter) };
}

function madeUp(): LifecycleSubject {
  const sandboxes = { ...registered, acme: createAcme };
  const options = { basePath: '/acme', now: Date.now, peer: noPeer };
  const { demo } = createAcme(options);
  if (demo === undefined) throw new Error('no demo');
  const { vendor, ...settings } = demo.configuration(ORIGIN);
  const subject = { title: 'acme', vendor: acme.vendor, folder: 'acme', settings, id: demo.id };
  return withDeclared({ ...subject, adapter: acme }, sandboxes);
}

function noPeer(): never {
  throw new Error('shares its accounts with nobody');
}
