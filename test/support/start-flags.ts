import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './child.ts';

/** What `npm start` gives Node itself, so that what is measured is what runs. */
export const START_FLAGS: readonly string[] = flagsOf(
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts.start,
);

function flagsOf(command: string): string[] {
  const [, ...words] = command.split(' ');
  return words.slice(
    0,
    words.findIndex((word) => !word.startsWith('--')),
  );
}
