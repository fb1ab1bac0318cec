import adapter from '../../../adapters/iam/index.ts';
import type {
  Change,
  Connection,
  Field,
  HttpResponse,
  Json,
  JsonObject,
} from '../../../src/adapter-kit/index.ts';

export const ORIGIN = 'http://127.0.0.1:8788';
export const ID = '23da5961c8214f5caf701c27d9703959';
export const KEYSTONE_ID = 'c438313824b94a38bcf9c2542d447ef5';
export const NOW_MS = Date.UTC(2026, 0, 5);
export const user = { method: 'password', username: 'gateway', password: 'sandbox-password' };
export const domainUser = { ...user, userDomain: 'OTC-SANDBOX', domain: 'OTC-SANDBOX' };
export const key = {
  method: 'accessKey',
  accessKey: 'SANDBOXACCESSKEY0001',
  secretKey: 'sandbox-secret-key-0001',
  domainId: 'a1b2c3d4e5f60718293a4b5c6d7e8f90',
};
export const otc = { dialect: 'otc', baseUrl: `${ORIGIN}/iam`, auth: domainUser };
export const keystone = {
  dialect: 'keystone',
  baseUrl: `${ORIGIN}/keystone`,
  auth: {
    ...user,
    username: 'admin',
    password: 'sandbox-admin-password',
    userDomain: 'Default',
    project: 'admin',
    projectDomain: 'Default',
  },
};

export function open(settings: JsonObject): Connection {
  const opened = adapter.open(settings);
  if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
  return opened.connection;
}

/** Changes as the gateway plans them. */
export function changesOf(
  fields: readonly Field[],
  patch: Readonly<Record<string, Json>>,
): Change[] {
  return Object.entries(patch).map(([name, value]) => {
    const field = fields.find(({ pointer }) => pointer === `/${name}`);
    if (field === undefined) throw new Error(`no field ${name}`);
    const { pointer, onNull, codec } = field;
    if (value === null && typeof onNull === 'object') {
      return { pointer, field, value, wire: onNull.send };
    }
    const encoded = codec.encode(value);
    if (!encoded.ok) throw new Error(encoded.reason);
    return { pointer, field, value, wire: encoded.wire };
  });
}

export const answer = (status: number, body: unknown = ''): HttpResponse => ({
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
