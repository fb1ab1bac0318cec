import { type FaultCode, ownFault, STATUS_OF_CODE } from '../../adapter-kit/index.ts';
import type { Handler } from '../pipeline.ts';
import { TITLES } from '../problem-details.ts';
import { PROBLEM_MEANINGS } from '../problem-types.ts';
import { jsonText, respondProblem } from '../responses.ts';

/** The meaning of a code, served at the `type` of a problem. */
export type ProblemType = {
  readonly type: string;
  readonly code: FaultCode;
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
  /** The section with cause and remedy, from the root of the repository. */
  readonly docs: string;
};

/** `GET /problems/{code}`; the same for every caller, so it needs no configuration. */
export const problemTypeRoute: Handler = (c) => {
  const code = c.req.param('code') ?? '';
  if (!isCode(code)) return respondProblem(c, ownFault('not_found', 'No problem has this code.'));
  const body: ProblemType = {
    type: `/problems/${code}`,
    code,
    status: STATUS_OF_CODE[code],
    title: TITLES[code],
    meaning: PROBLEM_MEANINGS[code],
    docs: `docs/errors.md#${code}`,
  };
  return jsonText(c, body);
};

function isCode(text: string): text is FaultCode {
  return Object.hasOwn(STATUS_OF_CODE, text);
}
