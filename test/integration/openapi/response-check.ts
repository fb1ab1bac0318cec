import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { adapters } from '../../../adapters/index.ts';
import {
  isObject,
  type JsonObject,
  own,
  ownObject,
  pointerTo,
} from '../../../src/adapter-kit/index.ts';
import { openApiDocument } from '../../../src/http/openapi/document.ts';

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers of the transport and of browsers, which the document does not tell. */
const TRANSPORT = [
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'vary',
];

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Checks responses against one API document. */
export function createResponseCheck(document: JsonObject) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat('date-time', RFC_3339);
  ajv.addSchema(document, 'api');
  const validators = new Map<string, ValidateFunction>();

  /** What is wrong with `value` by the schema at `pointer` of the document. */
  function mismatches(pointer: string, value: unknown): string[] {
    const reference = `api#${pointer.split('/').map(encodeURIComponent).join('/')}`;
    const validate = validators.get(pointer) ?? ajv.compile({ $ref: reference });
    validators.set(pointer, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath} ${message} ${JSON.stringify(params)} (${pointer})`,
    );
  }

  function checkHeaders(at: Located, headers: Headers): string[] {
    const told = Object.entries(ownObject(at.response, 'headers') ?? {});
    const known = new Map(told.map(([name, header]) => [name.toLowerCase(), header]));
    const unknown = Object.keys(headers)
      .filter((name) => !known.has(name) && !TRANSPORT.includes(name))
      .map((name) => `has the header ${name}, which the document does not tell`);
    const wrong = [...known].flatMap(([name, header]) => {
      const [pointer, told] = followed(document, header, '');
      const value = headers[name];
      if (value === undefined) return told.required === true ? [`lacks the header ${name}`] : [];
      const isNumber = ownObject(told, 'schema')?.type === 'integer';
      return mismatches(pointerTo(pointer, 'schema'), isNumber ? Number(value) : value);
    });
    return [...unknown, ...wrong];
  }

  function checkBody(at: Located, method: string, headers: Headers, text: string): string[] {
    const content = ownObject(at.response, 'content');
    if (method === 'HEAD' || content === undefined) {
      return text === '' ? [] : ['has a body that the document does not tell'];
    }
    const type = String(headers['content-type']);
    if (!Object.hasOwn(content, type)) return [`has the content type ${type}`];
    const schema = pointerTo(pointerTo(at.pointer, 'content'), type);
    const isText = type.startsWith('text/') || type === 'application/x-ndjson';
    const value = isText ? text : jsonOf(text);
    return value === undefined ? ['is no JSON'] : mismatches(pointerTo(schema, 'schema'), value);
  }

  /** What is wrong with a response; empty when it is as the document says. */
  function checkResponse(
    method: string,
    path: string,
    status: number,
    headers: Headers,
    bodyText: string,
  ): string[] {
    const at = locate(document, method, path, status);
    if (at === undefined) return [`has the status ${status}, which the document does not tell`];
    return [...checkHeaders(at, headers), ...checkBody(at, method, headers, bodyText)];
  }

  return { checkResponse, mismatches };
}

/** A response of the document and where it stands. */
type Located = { readonly pointer: string; readonly response: JsonObject };

/** Answers to requests that no operation takes. */
const OTHERWISE: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  500: 'Internal',
  503: 'NotConfigured',
};

function locate(
  document: JsonObject,
  method: string,
  path: string,
  status: number,
): Located | undefined {
  const paths = ownObject(document, 'paths') ?? {};
  const template = Object.keys(paths).find((candidate) => fits(candidate, path));
  const name = (method === 'HEAD' ? 'GET' : method).toLowerCase();
  const item = template === undefined ? undefined : ownObject(paths, template);
  const operation = ownObject(item, name);
  if (template === undefined || operation === undefined) {
    if (status === (template === undefined ? 405 : 404)) return undefined;
    const response = OTHERWISE[status];
    return response === undefined
      ? undefined
      : found(document, ['components', 'responses', response]);
  }
  return found(document, ['paths', template, name, 'responses', String(status)]);
}

function found(document: JsonObject, keys: readonly string[]): Located | undefined {
  let value: JsonObject | undefined = document;
  for (const key of keys) value = ownObject(value, key);
  return value && { pointer: keys.reduce(pointerTo, ''), response: value };
}

/** Whether a path of a request, which the server normalises as URLs are, fits a template. */
function fits(template: string, path: string): boolean {
  const url = `http://localhost${path}`;
  const { pathname } = URL.canParse(url) ? new URL(url) : { pathname: path };
  const pattern = template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(pathname);
}

/** The object itself, or the one it refers to, with its place. */
function followed(document: JsonObject, value: unknown, pointer: string): [string, JsonObject] {
  const object = isObject(value as JsonObject) ? (value as JsonObject) : {};
  const reference = own(object, '$ref');
  if (typeof reference !== 'string') return [pointer, object];
  const keys = reference.slice(2).split('/');
  return [keys.reduce(pointerTo, ''), found(document, keys)?.response ?? {}];
}

const { checkResponse, mismatches } = createResponseCheck(openApiDocument(adapters));

export { checkResponse, mismatches };

/** `answer`, which is refused when it is not as the API document says. */
export async function checked<
  A extends { readonly status: number; readonly headers: Headers; readonly text: string },
>(method: string, path: string, answer: A): Promise<A> {
  const { headers, status, text } = answer;
  const wrong = checkResponse(method, path, status, headers, text);
  if (wrong.length === 0) return answer;
  throw new Error(`${method} ${path} (${status}) ${wrong.join('; ')}\n${text.slice(0, 500)}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
