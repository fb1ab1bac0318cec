import { FAULT_CODES, FIELD_ERROR_CODES } from '../../../src/adapter-kit/index.ts';
import { enumKeysOf } from '../../../src/http/openapi/schemas/base-schemas.ts';
import { problemOf } from '../../../src/http/problem-details.ts';
import { FIELD_ERROR_TEXTS, PROBLEM_TEXTS } from '../../../src/http/problem-texts.ts';
import { code, GENERATED, table } from './markdown.ts';

const codes = enumKeysOf(FAULT_CODES);

/** `docs/errors.md`: every code with a heading of its own, which is what links lead to. */
export function errorsPage(): string {
  const parts = [
    '# Errors',
    GENERATED,
    'Every error is `application/problem+json` (RFC 9457); [HTTP API](api.md#errors) describes its ' +
      'members. Decide by `code`, which is stable; titles and texts may change. For a write, ' +
      '`outcome` says what became of it: see [outcomes](outcomes.md).',
    '`type` of an error is `/problems/{code}`. A GET of it returns the code, status, title and ' +
      'meaning, without authentication.',
    table(
      ['code', 'status', 'meaning'],
      codes.map((name) => [
        `[${code(name)}](#${name})`,
        `${FAULT_CODES[name].status}`,
        FAULT_CODES[name].meaning,
      ]),
    ),
    '## Codes',
    ...codes.map(section),
    '## Codes of fields',
    'Entries of `errors[]` have a code of their own and a `pointer` into the patch.',
    table(
      ['code', 'meaning', 'remedy'],
      FIELD_ERROR_CODES.map((name) => {
        const { meaning, remedy } = FIELD_ERROR_TEXTS[name];
        return [code(name), meaning, remedy];
      }),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function section(name: keyof typeof FAULT_CODES): string {
  const { cause, remedy } = PROBLEM_TEXTS[name];
  const fault = { code: name, detail: '', effect: 'none' } as const;
  const { status, title } = problemOf(fault, { requestId: '' });
  return [
    `### ${code(name)}`,
    `${status} *${title}*. ${FAULT_CODES[name].meaning}`,
    `- **Cause**: ${cause}\n- **Remedy**: ${remedy}`,
  ].join('\n\n');
}
