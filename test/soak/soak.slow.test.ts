import { expect, it } from 'vitest';
import { runSoak } from './run-soak.ts';

const MINUTES = 3;

it.runIf(process.env.FULL === '1')(
  `serves mixed traffic with faults for ${MINUTES} minutes without growing`,
  { timeout: (MINUTES + 4) * 60_000 },
  async () => {
    const { problems } = await runSoak(MINUTES, (line) => process.stdout.write(`${line}\n`));
    expect(problems).toEqual([]);
  },
);
