import * as z from 'zod/mini';
import { type FaultCode, lazily } from '../../adapter-kit/index.ts';
import { LINK_IMPORT_LINES_MAX } from '../../limits.ts';
import type { Paths } from '../paths.ts';
import { importQuerySchema, linkQuerySchema, linkSchema } from '../routes/links/link-query.ts';
import { optionalReasonSchema } from '../routes/reason.ts';
import { LINES_TYPE } from '../routes/receipts.ts';
import { operatorExamples } from './examples/operators.ts';
import { linkAnswers } from './link-schemas.ts';
import { OF_STATE, type Operation } from './operation.ts';

const OF_LINK: readonly FaultCode[] = [...OF_STATE, 'invalid_id', 'link_not_found'];

const BODY: readonly FaultCode[] = [
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
  'invalid_patch',
];

type LinkPaths = Pick<Paths, Extract<keyof Paths, `/admin/links${string}`>>;

/** The documentation of the routes about links. */
export const linkOperations = lazily(
  (): {
    readonly [P in keyof LinkPaths]: { readonly [M in LinkPaths[P][number]]: Operation };
  } => ({
    '/admin/links': {
      GET: {
        id: 'listLinks',
        summary: 'The links in force: those that the API has set, then those of the file',
        description: 'With `target` and `upstreamId`: the links that lead there.',
        scope: 'admin:read',
        query: linkQuerySchema(),
        answer: linkAnswers().links,
        example: operatorExamples.links,
        codes: [...OF_STATE, 'invalid_filter', 'invalid_cursor'],
      },
      POST: {
        id: 'importLinks',
        summary: 'Set many links at once, all or none',
        description:
          'Each link replaces the one that its id has. `errors[]` of a problem names each bad ' +
          'line: `pointer` is `/` and its number.',
        scope: 'admin',
        query: importQuerySchema(),
        body: z
          .string()
          .check(
            z.describe(
              `One \`{"id": …, "targets": {…}}\` per line, up to ${LINK_IMPORT_LINES_MAX} lines.`,
            ),
          ),
        bodyType: LINES_TYPE,
        bodyExample: operatorExamples.linkLines,
        answer: linkAnswers().imported,
        example: operatorExamples.imported,
        responseHeaders: ['X-Write-Id'],
        codes: [...OF_STATE, 'invalid_filter', 'overloaded', ...BODY],
      },
    },
    '/admin/links/:id': {
      GET: {
        id: 'readLink',
        summary: 'Read the link of an id',
        scope: 'admin:read',
        answer: linkAnswers().link,
        example: operatorExamples.link,
        codes: OF_LINK,
      },
      PUT: {
        id: 'setLink',
        summary: 'Set the link of an id, in place of the one that it has',
        description: 'No write that begins after the response follows the link before, anywhere.',
        scope: 'admin',
        body: linkSchema(),
        bodyExample: operatorExamples.linkBody,
        answer: linkAnswers().link,
        example: operatorExamples.link,
        responseHeaders: ['X-Write-Id'],
        codes: [...OF_STATE, 'invalid_id', ...BODY],
      },
      DELETE: {
        id: 'removeLink',
        summary: 'Remove the link of an id, also one of the file',
        scope: 'admin',
        body: optionalReasonSchema(),
        mayLackBody: true,
        bodyExample: operatorExamples.reason,
        answer: linkAnswers().removed,
        example: operatorExamples.linkRemoved,
        responseHeaders: ['X-Write-Id'],
        codes: [...OF_LINK, ...BODY],
      },
    },
  }),
);
