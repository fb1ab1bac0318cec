import { parseArgs } from 'node:util';
import { runSoak } from './run-soak.ts';

/** `npm run soak -- --minutes 30`: exits with 1 where memory grows or descriptors are left. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes must be a number above 0');

const result = await runSoak(minutes, (line) => process.stdout.write(`${line}\n`));
for (const problem of result.problems) process.stdout.write(`FAILED: ${problem}\n`);
process.exit(result.problems.length === 0 ? 0 : 1);
