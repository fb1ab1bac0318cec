import { FAULT_CODES, type FaultCode, ownFault } from '../../adapter-kit/index.ts';
import type { Handler } from '../pipeline.ts';
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
    status: FAULT_CODES[code].status,
    title: FAULT_CODES[code].title,
    meaning: FAULT_CODES[code].meaning,
    docs: `docs/errors.md#${code}`,
  };
  return jsonText(c, body);
};

function isCode(text: string): text is FaultCode {
  return Object.hasOwn(FAULT_CODES, text);
}
