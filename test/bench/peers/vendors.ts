import { createHmac } from 'node:crypto';

/** What each peer translates by hand: one canonical patch to one request, and its answer back. */

export type Outgoing = {
  readonly method: 'GET' | 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type Patch = {
  readonly name?: string;
  readonly description?: string;
  readonly status?: 'active' | 'inactive' | 'on_leave' | 'terminated';
  readonly attributes?: Readonly<Record<string, string | null>>;
  readonly extensions?: { readonly naver?: { readonly durationSeconds?: number } };
};

export type Translation = {
  /** Asks for the profile that a patch is merged into; absent: none is. */
  readonly read?: (id: string) => Outgoing;
  /** `stored` is what `read` was answered. */
  readonly encode: (id: string, patch: Patch, stored?: string) => Outgoing;
  readonly decode: (id: string, text: string) => unknown;
};

const ACCESS_KEY = 'BENCHACCESSKEY';
const SECRET_KEY = 'bench-secret-key';

const naver: Translation = {
  encode: (id, patch) => {
    const path = `/naver/api/v1/profiles/${encodeURIComponent(id)}`;
    const timestamp = String(Date.now());
    const signed = `PATCH ${path}\n${timestamp}\n${ACCESS_KEY}`;
    const durationSeconds = patch.extensions?.naver?.durationSeconds;
    return {
      method: 'PATCH',
      path,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'x-ncp-apigw-timestamp': timestamp,
        'x-ncp-iam-access-key': ACCESS_KEY,
        'x-ncp-apigw-signature-v2': createHmac('sha256', SECRET_KEY)
          .update(signed)
          .digest('base64'),
      },
      body: JSON.stringify({
        name: patch.name,
        description: patch.description,
        durationSeconds,
        roleIdList: null,
      }),
    };
  },
  decode: (id, text) => {
    const stored = JSON.parse(text);
    return {
      profile: {
        id,
        vendor: 'naver',
        upstreamId: stored.profileId,
        name: stored.name,
        description: stored.description,
        status: stored.enabled ? 'active' : 'inactive',
        extensions: {
          naver: {
            durationSeconds: stored.durationSeconds,
            roleNrnList: stored.roleNrnList,
            profileNrn: stored.profileNrn,
          },
        },
        createdAt: new Date(stored.createTime).toISOString(),
        updatedAt: new Date(stored.updateTime).toISOString(),
      },
    };
  },
};

const STATUS_WORDS: Readonly<Record<string, string>> = {
  active: 'Active',
  inactive: 'Inactive',
  on_leave: 'On Leave',
  terminated: 'Terminated',
};
const STATUS_OF_WORD = Object.fromEntries(
  Object.entries(STATUS_WORDS).map(([status, word]) => [word, status]),
);

const nerm: Translation = {
  encode: (id, { attributes, name, status }) => ({
    method: 'PATCH',
    path: `/nerm/api/profiles/${encodeURIComponent(id)}`,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: 'Bearer bench-token',
    },
    body: JSON.stringify({
      profile: {
        name,
        status: status === undefined ? undefined : STATUS_WORDS[status],
        attributes,
      },
    }),
  }),
  decode: (id, text) => ({ profile: nermProfile(id, JSON.parse(text).profile) }),
};

type StoredNerm = Readonly<Record<string, unknown>> & {
  readonly status: string;
  readonly created_at: string;
  readonly updated_at: string;
};

/** The canonical profile of one that NERM stores. */
export function nermProfile(id: string, stored: StoredNerm) {
  return {
    id,
    vendor: 'nerm',
    upstreamId: stored.id,
    name: stored.name,
    status: STATUS_OF_WORD[stored.status],
    attributes: stored.attributes,
    extensions: {
      nerm: {
        profile_type_id: stored.profile_type_id,
        id_proofing_status: stored.id_proofing_status,
        uid: stored.uid,
      },
    },
    createdAt: new Date(stored.created_at).toISOString(),
    updatedAt: new Date(stored.updated_at).toISOString(),
  };
}

const SENLIN_HEADERS = { accept: 'application/json', 'x-auth-token': 'bench-token' };
const senlinPath = (id: string): string => `/senlin/v1/profiles/${encodeURIComponent(id)}`;

/** A patch of metadata replaces all of it, so that it is merged by hand. */
const senlin: Translation = {
  read: (id) => ({ method: 'GET', path: senlinPath(id), headers: SENLIN_HEADERS }),
  encode: (id, { attributes, name }, stored = '{}') => {
    const metadata = { ...JSON.parse(stored).profile?.metadata };
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (value === null) delete metadata[key];
      else metadata[key] = value;
    }
    return {
      method: 'PATCH',
      path: senlinPath(id),
      headers: { ...SENLIN_HEADERS, 'content-type': 'application/json' },
      body: JSON.stringify({ profile: { name, metadata } }),
    };
  },
  decode: (id, text) => {
    const stored = JSON.parse(text).profile;
    const { project, spec, type, user } = stored;
    return {
      profile: {
        id,
        vendor: 'senlin',
        upstreamId: stored.id,
        name: stored.name,
        attributes: stored.metadata,
        extensions: { senlin: { project, spec, type, user } },
        createdAt: new Date(stored.created_at).toISOString(),
      },
    };
  },
};

const TRANSLATIONS: Readonly<Record<string, Translation>> = { naver, nerm, senlin };

/** The translation that the environment asks for, and where the vendor and the peer are. */
export function settings() {
  const { PORT, UPSTREAM = '', VENDOR = '' } = process.env;
  return { port: Number(PORT), upstream: UPSTREAM, vendor: TRANSLATIONS[VENDOR] ?? naver };
}

/** As many as the gateway allows a target. */
export const CONNECTIONS_MAX = 64;
