import { type JsonObject, ownText } from '../../../src/adapter-kit/json.ts';
import type { Projects } from './projects.ts';
import { DOMAIN } from './seed.ts';
import type { Token } from './tokens.ts';

export type TokenAnswerOptions = {
  readonly origin: string;
  readonly basePath: string;
  readonly catalog: boolean;
};

/** The body beside `X-Subject-Token` (transcripts: password token, application credential). */
export function tokenAnswer(
  token: Token,
  projects: Projects,
  options: TokenAnswerOptions,
): JsonObject {
  const { user, scope, credential } = token;
  const scoped = scope.kind !== 'unscoped';
  return {
    token: {
      methods: [token.method],
      user: {
        domain: { ...DOMAIN },
        id: user.id,
        name: user.name,
        password_expires_at: null,
      },
      audit_ids: [token.auditId],
      expires_at: pythonTime(token.expiresAtMs),
      issued_at: pythonTime(token.issuedAtMs),
      ...scopePart(token, projects),
      ...(scoped ? { roles: token.roles.map(({ id, name }) => ({ id, name })) } : {}),
      ...(scoped && options.catalog ? { catalog: catalog(options) } : {}),
      ...(credential
        ? {
            application_credential: {
              id: credential.id,
              name: credential.name,
              restricted: true,
            },
          }
        : {}),
    },
  };
}

function scopePart({ scope }: Token, projects: Projects): JsonObject {
  if (scope.kind === 'domain') return { domain: { ...DOMAIN } };
  if (scope.kind === 'unscoped') return {};
  const name = ownText(projects.find(scope.projectId) ?? {}, 'name') ?? '';
  const project = { domain: { ...DOMAIN }, id: scope.projectId, name };
  return { project, is_domain: false };
}

function catalog({ origin, basePath }: TokenAnswerOptions): readonly JsonObject[] {
  return [
    service('keystone', 'identity', `${origin}${basePath}/v3`),
    service('senlin', 'clustering', `${origin}/senlin`),
  ];
}

function service(name: string, type: string, url: string): JsonObject {
  const endpoints = ['public', 'internal', 'admin'].map((kind) => ({
    id: `${type}-${kind}`,
    interface: kind,
    region_id: 'RegionOne',
    url,
    region: 'RegionOne',
  }));
  return { endpoints, id: `${type}-service`, type, name };
}

/** UTC with microseconds, which Fernet tokens always have as zeros. */
function pythonTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}.000000Z`;
}
