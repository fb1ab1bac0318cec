import { expect, it } from 'vitest';
import { isFull } from '../support/counts.ts';
import { runSoak } from './run-soak.ts';

const MINUTES = 3;

it.runIf(isFull)(
  `serves mixed traffic with faults for ${MINUTES} minutes without growing`,
  { timeout: (MINUTES + 4) * 60_000 },
  async () => {
    const { problems } = await runSoak(MINUTES, (line) => process.stdout.write(`${line}\n`));
    expect(problems).toEqual([]);
  },
);
