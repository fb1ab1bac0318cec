import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinned } from './cores.ts';

/**
 * The vendors as one nginx that always answers the same, but for the id of the path. What it shows
 * is what the patches of `scenarios.ts` write, so that every write is confirmed by its own answer.
 */
export type Upstream = {
  readonly origin: string;
  readonly stop: () => Promise<void>;
};

const TIMES = { created: '2024-12-13T14:24:45.128', updated: '2026-02-03T04:05:06.789' };

const NAVER = {
  profileId: '$id',
  profileNrn: 'nrn:PUB:ExternalAccess::1234567:Profile/$id',
  name: 'profile000',
  description: 'build farm',
  enabled: true,
  durationSeconds: 7200,
  roleNrnList: ['nrn:PUB:SubAccount::1234567:Role/b1f7c2aa-0000-4000-8000-0000000000a1'],
  createTime: `${TIMES.created}+09:00`,
  updateTime: `${TIMES.updated}+09:00`,
};

const NERM = {
  profile: {
    id: '$id',
    uid: 'b7a4f6d0',
    name: 'Robin Doe',
    status: 'On Leave',
    profile_type_id: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
    id_proofing_status: 'pass',
    attributes: { cost_centre: '4711', site: 'Berlin', manager_name: 'Sam Roe' },
    created_at: `${TIMES.created}Z`,
    updated_at: `${TIMES.updated}Z`,
  },
};

const SENLIN = {
  profile: {
    id: '$id',
    name: 'web-profile',
    type: 'os.nova.server-1.0',
    spec: { type: 'os.nova.server', version: '1.0', properties: { flavor: 'm1.small' } },
    metadata: { owner: 'red', tier: 'web' },
    project: '42d9e9663331431f97b75e25136307ff',
    user: '5e5bf8027826429c96af157f68dc9072',
    domain: null,
    created_at: '2026-02-03T04:05:06Z',
    updated_at: null,
  },
};

const TOKEN = { token: { expires_at: '2099-01-01T00:00:00.000000Z', methods: ['password'] } };

/** Starts it; `attributes` are those of profiles at NERM, and at Senlin once they are patched. */
export async function startUpstream(
  folder: string,
  port: number,
  core: number,
  attributes: Readonly<Record<string, string>> = {},
): Promise<Upstream> {
  const file = join(folder, 'nginx.conf');
  mkdirSync(join(folder, 'nginx'), { recursive: true });
  writeFileSync(file, configuration(join(folder, 'nginx'), port, attributes));
  const [command, args] = pinned(core, 'nginx', ['-e', 'stderr', '-c', file]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Most characters of a text that is one parameter in the configuration of nginx. */
const PARAMETER_CHARACTERS_MAX = 3500;

/** Returns `json`, in which `$id` comes first, as the answer of a location. */
function answer(json: object): string {
  const text = JSON.stringify(json);
  const parts = text.match(new RegExp(`.{1,${PARAMETER_CHARACTERS_MAX}}`, 'g')) ?? [];
  if (parts.length === 1) return `return 200 '${text}';`;
  const set = parts.map((part, i) => `set $part_${i} '${part}';`);
  return `${set.join(' ')} return 200 "${parts.map((_, i) => `\${part_${i}}`).join('')}";`;
}

function configuration(
  folder: string,
  port: number,
  attributes: Readonly<Record<string, string>>,
): string {
  const nerm = withMore(NERM, 'attributes', attributes);
  const patched = withMore(SENLIN, 'metadata', { owner: 'blue', ...attributes });
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = paths.map((name) => `${name}_temp_path ${join(folder, name)};`);
  return `
daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr crit;
events { worker_connections 4096; }
http {
  ${temporary.join('\n  ')}
  access_log off;
  default_type application/json;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  server {
    listen 127.0.0.1:${port} backlog=4096 reuseport;
    location ~ "^/naver/api/v1/profiles/(?<id>[^/]+)$" { return 200 '${JSON.stringify(NAVER)}'; }
    location ~ "^/nerm/api/profiles/(?<id>[^/]+)$" { ${answer(nerm)} }
    location ~ "^/senlin/v1/profiles/(?<id>[^/]+)$" {
      if ($request_method = GET) { ${answer(SENLIN)} }
      ${answer(patched)}
    }
    location = /keystone/v3/auth/tokens {
      add_header X-Subject-Token bench-token always;
      return 201 '${JSON.stringify(TOKEN)}';
    }
  }
}
`;
}

/** Returns a vendor's object with more members in one of its maps. */
function withMore<K extends string>(
  { profile }: { readonly profile: Readonly<Record<K, object>> },
  map: K,
  more: Readonly<Record<string, string>>,
): object {
  return { profile: { ...profile, [map]: { ...profile[map], ...more } } };
}
