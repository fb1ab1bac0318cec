import { createLaws, type Law } from './create-laws.ts';
import { hostileLaws } from './hostile-laws.ts';
import { listLaws } from './list-laws.ts';
import { pureLaws } from './pure-laws.ts';
import { removeLaws } from './remove-laws.ts';
import type { LifecycleSubject } from './subjects.ts';

/** The chapters on the operations that a subject declares; `share` is the part of the runs. */
export function lifecycleLaws(subject: LifecycleSubject, share = 1): Law[] {
  return [
    ...listLaws(subject),
    ...removeLaws(subject),
    ...hostileLaws(subject),
    ...pureLaws(subject),
    ...createLaws(subject, share),
  ];
}
