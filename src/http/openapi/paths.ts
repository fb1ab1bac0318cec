import type * as z from 'zod/mini';
import type { JsonObject } from '../../adapter-kit/index.ts';
import type { Scope } from '../../auth/caller.ts';
import { ID_CODE_POINTS_MAX } from '../../limits.ts';
import { ACCEPT_PATCH } from '../middleware/patch-body.ts';
import { CALLER_PATHS } from '../paths.ts';
import { answerRef, inputSchema } from './named-schemas.ts';
import { CONFIGURED, type Operation } from './operation.ts';
import { operations } from './operations.ts';
import { schemaRef } from './profile-schemas.ts';
import { oneExample, optionsOf, responsesOf } from './responses.ts';

/** Examples of a patch and of a new profile, and of responses by operation id. */
export type Examples = {
  readonly patches: JsonObject;
  readonly newProfiles: JsonObject;
  readonly answers: Readonly<Record<string, JsonObject>>;
};

/** Returns every path with its methods, as OpenAPI path items. */
export function pathItems(examples: Examples): JsonObject {
  const items = Object.entries(operations()).map(([route, methods]): [string, JsonObject] => {
    const path = route.replaceAll(/:(\w+)/g, '{$1}');
    const operations = Object.entries<Operation>(methods).map(([method, operation]) => [
      method.toLowerCase(),
      { tags: [tagOf(route)], ...operationOf(operation, examples) },
    ]);
    const [first] = Object.values<Operation>(methods);
    return [
      path,
      {
        parameters: pathParameters(route),
        ...Object.fromEntries(operations),
        options: { tags: ['methods'], ...optionsOf(`${first?.id}Options`, CONFIGURED) },
      },
    ];
  });
  return Object.fromEntries(items);
}

/** The groups of operations, in the order in which readers look for them. */
export const TAGS: readonly JsonObject[] = [
  { name: 'profiles', description: 'For callers.' },
  { name: 'operations', description: 'For operators.' },
  { name: 'gateway', description: 'For everybody.' },
  { name: 'methods', description: 'The methods of each path.' },
];

function tagOf(route: string): string {
  if (CALLER_PATHS.test(route)) return 'profiles';
  return /^\/(?:admin|metrics)/.test(route) ? 'operations' : 'gateway';
}

function operationOf(
  operation: Operation,
  { answers, newProfiles, patches }: Examples,
): JsonObject {
  const {
    answer,
    body: own,
    bodyExample,
    bodyType = 'application/json',
    description,
    example,
    headers,
    id,
    mayLackBody = false,
    query,
    scope,
    summary,
    takesNewProfile,
    takesPatch,
  } = operation;
  const parameters = [...parametersOf('query', query), ...parametersOf('header', headers)];
  const body =
    takesNewProfile === true
      ? { schema: schemaRef('NewProfile'), examples: newProfiles }
      : { schema: schemaRef('ProfilePatch'), examples: patches };
  const content = ACCEPT_PATCH.split(', ').map((type) => [type, body]);
  const examples = answers[id];
  return {
    operationId: id,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(takesPatch === true || takesNewProfile === true
      ? { requestBody: { required: true, content: Object.fromEntries(content) } }
      : {}),
    ...(own === undefined
      ? {}
      : {
          requestBody: {
            required: !mayLackBody,
            content: { [bodyType]: { schema: inputSchema(own), ...oneExample(bodyExample) } },
          },
        }),
    security: securityOf(scope),
    responses: responsesOf(
      operation,
      answer && answerRef(answer),
      examples === undefined ? oneExample(example) : { examples },
    ),
  };
}

/**
 * Returns the credentials of an operation: one of a caller that has `scope`, or none where no
 * callers are configured; for everybody without a scope.
 */
function securityOf(scope: Scope | undefined): JsonObject[] {
  if (scope === undefined) return [];
  return [{ callerKey: [scope] }, { callerToken: [scope] }, {}];
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  code: 'The `code` of a problem.',
  id: '`target:upstreamId`, or an id that a route takes; percent-encoded once.',
  prefer:
    'RFC 7240: `handling=strict` (the default) or `handling=lenient`, `atomic`, `return=minimal`.',
  'idempotency-key':
    'A string in quotes or a token of 1 to 255 characters: a repeat of the request with the same ' +
    'key gets the answer of the first.',
  'if-match': 'Entity tags: the patch is refused with 412 unless the profile has one of them.',
  'if-none-match': 'Entity tags: 304, or 412 for a patch, when the profile has one of them.',
  read: 'Lets the profile be read for it.',
  writeId: 'The `X-Write-Id` of a response.',
  profile: '`target:upstreamId`, whatever id the callers wrote.',
  since: 'RFC 3339.',
  until: 'RFC 3339.',
  after: 'The `next` of the page before.',
  upstreamId: 'Links that lead to this id at `target`.',
  dryRun: 'With `true` nothing is changed.',
  reason: 'Stands in the receipt, for whoever asks later.',
};

function pathParameters(route: string): JsonObject[] {
  const own = [...route.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    ...parameter('path', name, { type: 'string', minLength: 1, maxLength: ID_CODE_POINTS_MAX }),
    required: true,
  }));
  return [...own, { $ref: '#/components/parameters/requestId' }];
}

/** The parameters that a schema of the gateway reads. */
function parametersOf(
  place: 'header' | 'query',
  schema: z.ZodMiniObject | undefined,
): JsonObject[] {
  return Object.entries(schema?.shape ?? {}).map(([name, member]) =>
    parameter(place, name, inputSchema(member)),
  );
}

function parameter(place: string, name: string, schema: JsonObject): JsonObject {
  const description = DESCRIPTIONS[name];
  return {
    name: place === 'header' ? name.replaceAll(/\b[a-z]/g, (a) => a.toUpperCase()) : name,
    in: place,
    ...(description === undefined ? {} : { description }),
    schema,
  };
}
