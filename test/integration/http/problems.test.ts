import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_CODES, type FaultCode } from '../../../src/adapter-kit/index.ts';
import { problemOf } from '../../../src/http/problem-details.ts';
import { ROOT } from '../../support/child.ts';
import { call, expectProblem } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const errors = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
const codes = Object.keys(FAULT_CODES) as FaultCode[];

describe('the type of a problem', () => {
  it.each(codes)('%s leads to its meaning and its section', async (code) => {
    const problem = problemOf({ code, detail: '', effect: 'none' }, { requestId: '' });
    const answer = await call(gateway.origin, problem.type);
    expect(answer.headers['content-type']).toBe('application/json');
    const { status, title, type } = problem;
    expect({ status: answer.status, json: answer.json }).toEqual({
      status: 200,
      json: {
        type,
        code,
        status,
        title,
        meaning: expect.stringMatching(/^[A-Z].*\.$/),
        docs: `docs/errors.md#${code}`,
      },
    });
    expect(errors).toContain(`### \`${code}\`\n\n${status} *${title}*. ${answer.json.meaning}\n`);
  });

  it('is the one that a problem has', async () => {
    const { json } = await call(gateway.origin, '/profiles/nowhere:1');
    const answer = await call(gateway.origin, String(json.type));
    expect(answer.json).toMatchObject({ code: json.code, title: json.title, status: json.status });
  });
});

it.each(['nothing', 'Conflict', 'conflict%20', '__proto__', 'toString', 'conflict/x', ''])(
  'there is no problem /problems/%s',
  async (code) => {
    expectProblem(await call(gateway.origin, `/problems/${code}`), 404, 'not_found');
  },
);
