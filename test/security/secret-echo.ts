import type { HttpRequest, HttpResponse, Json, JsonObject } from '../../src/adapter-kit/index.ts';
import type { Send } from '../../src/ports.ts';
import type { Random } from './fuzz-random.ts';
import { spelledAnyhow } from './secret-spelling.ts';

const STATUSES = [
  200, 200, 200, 201, 204, 301, 307, 400, 400, 401, 403, 404, 408, 409, 413, 422, 429, 494, 500,
  502, 503, 504,
] as const;
const CODES = [
  'IAM.0004',
  'IAM.0011',
  'APIGW.0301',
  '200',
  '900',
  '9011',
  'invalid_client',
] as const;
const HEADERS = [
  'x-openstack-request-id',
  'x-request-id',
  'X-Request-Id',
  'x-ncp-trace-id',
  'location',
  'retry-after',
  'date',
  'www-authenticate',
  'set-cookie',
] as const;

/**
 * Vendors that say again whatever they were sent, and what else they know by the path of a target,
 * in every way there is.
 */
export function echoingVendors(
  random: Random,
  known: (path: string) => readonly string[],
  issue: (path: string) => string,
): Send {
  return async (request) => {
    const isToken = /\/auth\/tokens|\/oauth\/token/.test(request.path);
    if (isToken && random.chance(0.8)) return tokenAnswer(issue(request.path));
    if (random.chance(0.04)) return { failure: 'reset', sent: true, reason: 'ECONNRESET' };
    const secrets = known(request.path);
    const said = (): string => saying(random, [...secrets, ...sentIn(request)]);
    const secret = secrets[random.below(secrets.length)] ?? '';
    const headers = random.times(2, () => [random.pick(HEADERS).toLowerCase(), said()]);
    const status = random.pick(STATUSES);
    const body = random.chance(0.15)
      ? plainBody(random, said)
      : jsonBody(random, request, secret, said);
    return { status, headers: Object.fromEntries(headers), body };
  };
}

function tokenAnswer(token: string): HttpResponse {
  return {
    status: 201,
    headers: { 'x-subject-token': token },
    body: JSON.stringify({ access_token: token, token: { expires_at: '2999-01-01T00:00:00Z' } }),
  };
}

/** What the request itself tells: its credentials, by whatever header or member they came. */
function sentIn({ body = '', headers, path }: HttpRequest): string[] {
  const { authorization = '', 'x-auth-token': token = '' } = headers;
  const values = [authorization.replace(/^(?:Bearer |Token token=)/, ''), token];
  return [...values, body, path, JSON.stringify(headers)].filter((value) => value !== '');
}

/** Some words, long enough that cutting them may cut a secret. */
function saying(random: Random, secrets: readonly string[]): string {
  const filler = (): string => 'x'.repeat(random.chance(0.4) ? random.below(320) : random.below(9));
  const words = random.times(1 + random.below(3), () => {
    const secret = secrets[random.below(secrets.length)] ?? '';
    return `${filler()} ${spelledAnyhow(secret, random)}`;
  });
  return words.join(random.pick([' ', ':', ', "', '']));
}

function plainBody(random: Random, said: () => string): string {
  return random.pick([
    () => said(),
    () => `<html><title>${said()}</title></html>`,
    () => `{"error":{"message":"${said()}`,
    () => JSON.stringify(said()),
    () => JSON.stringify([said()]),
  ] as const)();
}

function jsonBody(
  random: Random,
  request: HttpRequest,
  secret: string,
  said: () => string,
): string {
  const id = request.path.split('/').find((part) => part.length >= 32) ?? '';
  const code = (): Json => (random.chance(0.5) ? random.pick(CODES) : said());
  // Half a secret is none: what is told in two fields is searched for in each as a whole.
  const half = Math.floor(secret.length / 2);
  const profile = {
    id,
    profileId: id,
    name: random.chance(0.5) ? said() : `${said()}_x`,
    status: 'Active',
    enabled: random.chance(0.5),
    is_domain: random.chance(0.1),
    durationSeconds: 900,
    metadata: { [said()]: said() },
    attributes: { [said()]: said() },
    description: said(),
    roleNrnList: [said()],
    links: { self: said() },
  };
  const shapes: readonly [() => JsonObject, ...(() => JsonObject)[]] = [
    () => ({ error: { type: said(), code: code(), message: said(), title: said() } }),
    () => ({ error: { type: 'InternalError', message: `(HTTP 403) ${said()}` } }),
    () => ({ error: { type: 'ResourceNotFound', message: said() } }),
    () => ({ error_code: code(), error_msg: said(), request_id: said() }),
    () => ({ error: said(), errors: { name: [said()], [said()]: said() } }),
    () => ({ error: 'failed to update', errors: { name: [secret.slice(0, half)] } }),
    () => ({ error: { code: secret.slice(0, half), message: secret.slice(half) } }),
    () => ({ message: said(), code: code() }),
    () => ({ error: 'invalid_client', error_description: said() }),
    () => ({ error: { errorCode: code(), message: said(), details: said(), requestId: said() } }),
    () => ({ responseError: { returnCode: code(), returnMessage: said() } }),
    () => ({ profile }),
    () => ({ project: profile }),
    () => profile,
  ];
  return JSON.stringify(random.pick(shapes)());
}
