import { type Adapter, FAULT_CODES, type JsonObject } from '../../adapter-kit/index.ts';
import type { WriteReport } from '../../profiles/patch-answer.ts';
import type { Handler } from '../pipeline.ts';
import { respond } from '../responses.ts';
import { newProfileExamples, patchExamples, problemExample, profileExamples } from './examples.ts';
import { HEADERS } from './headers.ts';
import { namedSchemas } from './named-schemas.ts';
import { pathItems, TAGS } from './paths.ts';
import { profileSchemas } from './profile-schemas.ts';
import { problemResponse } from './responses.ts';
import { enumKeysOf } from './schemas/base-schemas.ts';

/** The version of the HTTP interface, which is the package's. */
export const API_VERSION = '0.1.0';

const texts = new WeakMap<readonly Adapter[], string>();

/** Answers with the OpenAPI document, which is made at the first request and kept. */
export function openApiRoute(adapters: readonly Adapter[]): Handler {
  return (c) => {
    const text = texts.get(adapters) ?? JSON.stringify(openApiDocument(adapters));
    texts.set(adapters, text);
    return respond(c, 200, 'application/json', text);
  };
}

/**
 * Creates the OpenAPI 3.1 description of the HTTP interface: routes, schemas and problems from the
 * gateway's own declarations, fields from those of the adapters. No configuration enters it.
 */
export function openApiDocument(adapters: readonly Adapter[]): JsonObject {
  const codes = enumKeysOf(FAULT_CODES);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Profile gateway',
      version: API_VERSION,
      description:
        'One profile API in front of several vendors. HEAD follows GET; another path or method ' +
        'is answered by the responses `NotFound` or `MethodNotAllowed`.',
    },
    servers: [{ url: '/' }],
    tags: TAGS,
    paths: pathItems({
      patches: patchExamples(adapters),
      newProfiles: newProfileExamples(adapters),
      answers: {
        listProfiles: profileExamples(adapters, (profile, target) => ({
          profiles: [profile],
          target,
          omitted: [],
        })),
        readProfile: profileExamples(adapters, (profile) => ({ profile })),
        patchProfile: writeExamples(adapters),
        createProfile: writeExamples(adapters),
      },
    }),
    components: {
      schemas: { ...namedSchemas(), ...profileSchemas(adapters) },
      examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
      headers: HEADERS,
      parameters: {
        requestId: {
          name: 'X-Request-Id',
          in: 'header',
          description: 'Names the request in answers and logs; replaced when it is not clean.',
          schema: { type: 'string' },
        },
      },
      responses: {
        NotFound: problemResponse(404, ['not_found']),
        MethodNotAllowed: problemResponse(405, ['method_not_allowed']),
        NotConfigured: problemResponse(503, ['not_configured']),
        Forbidden: problemResponse(403, ['forbidden']),
        Internal: problemResponse(500, ['internal_error']),
      },
      securitySchemes: {
        callerKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'The key of a configured caller. Without callers: none, from loopback only.',
        },
        callerToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A signed token of an issuer that a configured caller has.',
        },
      },
    },
  };
}

function writeExamples(adapters: readonly Adapter[]): JsonObject {
  return profileExamples(adapters, (profile, target) => ({
    profile,
    write: { ...APPLIED, target },
  }));
}

const APPLIED: Omit<WriteReport, 'target'> = {
  outcome: 'applied',
  losses: [],
  unconfirmed: [],
  atomic: true,
  lockScope: 'process',
  evidence: 'response',
};
