import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import { NGINX, serverFolder } from '../postgres-server.ts';

/** An nginx in front of gateways, as an operator runs it. */
export type Balancer = {
  readonly origin: string;
  /** Sends new requests to these ports only; resolves once a worker with that list is there. */
  readonly lead: (ports: readonly number[]) => Promise<void>;
  /** Requests that were sent to a second gateway although the first one had been reached. */
  readonly repeated: () => readonly string[];
  readonly stop: () => void;
};

/** Longest time in which nginx starts, or takes another list of gateways. */
const CHANGE_MS_MAX = 10_000;
const LOOK_MS = 20;

/** Starts an nginx that repeats a PATCH only where no byte of it was sent (its default). */
export async function startBalancer(first: readonly number[]): Promise<Balancer> {
  const folder = serverFolder('nginx');
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, first));
  const child = spawn(NGINX, ['-p', folder, '-c', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  const workers = (): string[] => readFileSync(children, 'utf8').trim().split(' ');
  const stop = (): void => {
    process.off('exit', stop);
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', stop);
  await until(() => isOpen(port));
  return {
    origin: `http://127.0.0.1:${port}`,
    lead: async (ports) => {
      writeFileSync(file, configuration(folder, port, ports));
      const before = workers();
      child.kill('SIGHUP');
      await until(async () => workers().some((pid) => !before.includes(pid)));
    },
    repeated: () => repeatedIn(readFileSync(join(folder, 'access.log'), 'utf8')),
    stop,
  };
}

function configuration(folder: string, port: number, ports: readonly number[]): string {
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  log_format tries '$request_method $uri $status $upstream_connect_time';
  access_log ${folder}/access.log tries;
  client_body_temp_path ${folder}/bodies;
  proxy_temp_path ${folder}/answers;
  upstream gateways {
${ports.map((at) => `    server 127.0.0.1:${at} max_fails=0;`).join('\n')}
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_next_upstream error timeout;
    }
  }
}
`;
}

/** Lines whose connection times, one for each gateway, show a first one that was reached. */
function repeatedIn(log: string): string[] {
  return log.split('\n').filter((line) => {
    const [first = '-', ...others] = line.split(' ').slice(3).join(' ').split(', ');
    return others.length > 0 && first !== '-';
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + CHANGE_MS_MAX;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('nginx did not do it in time');
    await sleep(LOOK_MS);
  }
}
