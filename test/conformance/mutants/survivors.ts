/** Mutants that no check can tell from the vendor's own adapter, and why. */
export type Survivor = {
  /** Titles of the subjects. */
  readonly subjects: readonly string[];
  readonly mutants: readonly string[];
  readonly reason: string;
};

const IAM = ['iam', 'iam (otc, access key)', 'iam (keystone)'];
const NERM = ['nerm', 'nerm (client credentials)'];
const KEYSTONE = ['iam (keystone)', 'iam (keystone, pages)'];
const BODILESS = ['naver (other readings)'];

/** A listed mutant that a check finds fails the suite, as does one that is not listed. */
export const SURVIVORS: readonly Survivor[] = [
  {
    subjects: ['iam (otc, access key)', 'iam (keystone)', ...NERM, 'senlin'],
    mutants: ['write: steps reversed', 'write: last step left out', 'write: steps show nothing'],
    reason: 'Every patch is one write, which comes neither before nor after another.',
  },
  {
    subjects: [...IAM, 'naver'],
    mutants: ['write: noop not told'],
    reason: 'The vendor never says that nothing changed.',
  },
  {
    subjects: ['senlin'],
    mutants: ['write: noop not told'],
    reason: 'A read goes before every write: what it and the one after show decides by itself.',
  },
  {
    subjects: [...IAM, 'senlin'],
    mutants: ['write: noop always told'],
    reason: 'A read goes before every write, and its difference to what follows says more.',
  },
  {
    subjects: [...IAM, ...NERM, 'naver'],
    mutants: ['fault effect: none for queued', 'fault effect: possible for queued'],
    reason: 'Only Senlin says that a request waits to be applied.',
  },
  {
    subjects: [...IAM, ...NERM, 'naver'],
    mutants: ['fault effect: queued for possible'],
    reason:
      'Both are read back first: only a second send differs, which the suite of faults holds.',
  },
  {
    subjects: [...NERM, 'naver', 'senlin'],
    mutants: ['refusals: nothing refined'],
    reason: 'No rule of the vendor depends on what the profile is now.',
  },
  {
    subjects: NERM,
    mutants: ['read skipped: write without before', 'read skipped: write over an empty profile'],
    reason: 'The vendor merges by itself: the read before a write only serves the comparison.',
  },
  {
    subjects: ['iam'],
    mutants: ['read skipped: write over an empty profile'],
    reason: 'Of the profile before only what the patch does not name is taken over.',
  },
  {
    subjects: ['iam'],
    mutants: ['write: answer not shown', 'write: content not shown'],
    reason: 'The answer to a PATCH has no status, so a read follows anyway.',
  },
  {
    subjects: ['naver'],
    mutants: [
      'signature: over another origin',
      'signature: over no body',
      'signature: over no headers',
    ],
    reason: 'The signature covers method, path, time and key only.',
  },
  {
    subjects: NERM,
    mutants: ['map: /attributes whole'],
    reason: 'Says how the vendor takes a map; the adapter writes it so, and nothing else asks.',
  },
  {
    subjects: ['senlin'],
    mutants: ['map: /attributes per-key'],
    reason: 'Says how the vendor takes a map; the adapter writes it so, and nothing else asks.',
  },
  {
    subjects: [...NERM, 'iam (keystone)'],
    mutants: ['fault member: without upstream code'],
    reason: 'The vendor has no codes of its own beside the status.',
  },
  {
    subjects: ['iam (keystone)'],
    mutants: ['list: never another page'],
    reason: 'Keystone before 2025.1 has one page.',
  },
  {
    subjects: KEYSTONE,
    mutants: ['create: nothing checked', 'delete: nothing looked at before'],
    reason: 'The rules that are checked are those of the other dialect.',
  },
  {
    subjects: ['iam', 'iam (otc, access key)'],
    mutants: ['create: content not shown'],
    reason: 'The answer to a create has other members than a read, so a read follows anyway.',
  },
  {
    subjects: BODILESS,
    mutants: ['create: another id shown', 'create: content not shown'],
    reason: 'Its answers show no profile.',
  },
  {
    subjects: ['acme'],
    mutants: ['list: filters ignored', 'create: found by a part'],
    reason: 'The core compares again; bytes are written down of vendors only.',
  },
];
