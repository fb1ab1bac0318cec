import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { type Call, MERGE_PATCH } from '../../support/client.ts';
import { IAM, NAVER, NERM, SENLIN } from '../../support/profiles.ts';
import { AUTHORIZED } from './worker.ts';

/** A request that every runtime must answer alike, after those that stand before it. */
export type Question = { readonly about: string; readonly path: string; readonly call: Call };

type Headers = Readonly<Record<string, string>>;

const at = (about: string, method: string, path: string, headers: Headers = {}): Question => ({
  about,
  path,
  call: { method, headers: { ...AUTHORIZED, ...headers } },
});
const reads = (about: string, id: string, headers: Headers = {}): Question =>
  at(about, 'GET', `/profiles/${id}`, headers);
const writes = (
  about: string,
  id: string,
  patch: JsonObject | string | Uint8Array,
  headers: Headers = {},
): Question => {
  const isText = typeof patch === 'string' || patch instanceof Uint8Array;
  const call = { method: 'PATCH', headers: { ...AUTHORIZED, ...MERGE_PATCH, ...headers } };
  const body = isText ? patch : JSON.stringify(patch);
  return { about, path: `/profiles/${id}`, call: { ...call, body } };
};
const explains = (about: string, id: string, query: string, patch: JsonObject): Question => {
  const written = writes(about, id, patch);
  const path = `/profiles/${id}/explain${query}`;
  return { ...written, path, call: { ...written.call, method: 'POST' } };
};

const LENIENT = { prefer: 'handling=lenient' };
const ABSENT = '00000000-0000-4000-8000-000000000000';

export const questions: readonly Question[] = [
  reads('senlin as it is', SENLIN),
  reads('nerm as it is', NERM),
  reads('iam as it is', IAM),
  reads('naver as it is', NAVER),
  writes('senlin applied', SENLIN, { name: 'parity', attributes: { owner: 'blue', n: [1, null] } }),
  writes('senlin noop', SENLIN, { attributes: { owner: 'blue' } }),
  writes('senlin clears a key', SENLIN, { attributes: { owner: null } }),
  writes('numbers keep their text', SENLIN, '{"attributes":{"big":12345678901234567}}'),
  writes('a number that would change', SENLIN, '{"attributes":{"big":12345678901234567890}}'),
  writes('nerm applied', NERM, { status: 'on_leave', attributes: { cost_centre: '4711' } }),
  writes('nerm coerced', NERM, { attributes: { cost_centre: 4712 } }, LENIENT),
  writes('nerm dropped', NERM, { description: 'x', attributes: { cost_centre: '1' } }, LENIENT),
  writes('iam applied', IAM, { name: 'eu-de_parity', description: 'Grüße \u{1f600}' }),
  writes('iam refused', IAM, { name: 'elsewhere_parity' }),
  writes('naver in two writes', NAVER, { description: 'parity', status: 'inactive' }),
  writes('naver not atomic', NAVER, { description: 'p', status: 'active' }, { prefer: 'atomic' }),
  writes('naver signed', NAVER, { extensions: { naver: { durationSeconds: 7200 } } }),
  writes('without the profile', SENLIN, { name: 'parity2' }, { prefer: 'return=minimal' }),
  writes('an empty patch', SENLIN, {}),
  writes('If-Match of another', SENLIN, { name: 'parity3' }, { 'if-match': '"another"' }),
  writes('If-Match of any', SENLIN, { name: 'parity3' }, { 'if-match': '*' }),
  reads('If-None-Match of any', SENLIN, { 'if-none-match': '*' }),
  reads('senlin afterwards', SENLIN),
  reads('nerm afterwards', NERM),
  reads('iam afterwards', IAM),
  reads('naver afterwards', NAVER),
  writes('strict refusals', SENLIN, { description: 'x', status: 'active', createdAt: 'now' }),
  writes('nothing left', SENLIN, { description: 'x' }, LENIENT),
  writes('outside the model', SENLIN, { colour: 'blue' }, LENIENT),
  writes('no JSON', SENLIN, '{"name":'),
  writes('no UTF-8', SENLIN, new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
  writes('a key twice', SENLIN, '{"name":"a","name":"b"}'),
  writes('too large', SENLIN, `{"name":"${'a'.repeat(256 * 1024)}"}`),
  writes('another media type', SENLIN, '{}', { 'content-type': 'text/plain' }),
  writes('no such profile', `senlin-demo:${ABSENT}`, { name: 'x' }),
  writes('an id that cannot be', 'senlin-demo:Nobody', { name: 'x' }),
  writes('an id that cannot be decoded', 'senlin-demo:%E0%A4', { name: 'x' }),
  writes('no such target', `nowhere:${ABSENT}`, { name: 'x' }),
  writes('no route', ABSENT, { name: 'x' }),
  reads('no such profile to read', `nerm-demo:${ABSENT}`),
  at('no such path', 'GET', '/profile'),
  at('no such method', 'PUT', `/profiles/${SENLIN}`),
  at('the methods', 'OPTIONS', `/profiles/${SENLIN}`),
  at('the head', 'HEAD', `/profiles/${SENLIN}`),
  at('what targets take', 'GET', '/capabilities'),
  at('what one target takes', 'GET', '/capabilities/naver-demo'),
  at('whether it lives', 'GET', '/healthz'),
  at('what a code means', 'GET', '/problems/outcome_unknown'),
  at('what no code means', 'GET', '/problems/outcome'),
  reads('not known', SENLIN, { authorization: 'Bearer somebody-else-0001' }),
  writes('not known to write', SENLIN, { name: 'x' }, { authorization: 'Basic eDp5' }),
  explains('explained', SENLIN, '', { name: 'parity4' }),
  explains('explained with a read', NAVER, '?read=true', { description: 'explained' }),
];
