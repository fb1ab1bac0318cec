import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority of one test, and a server's certificate by it. */
export type Authority = {
  readonly caFile: string;
  readonly ca: string;
  readonly server: { readonly key: string; readonly cert: string };
  /** A file beside them with `text` in it; its path. */
  readonly file: (name: string, text: string) => string;
  readonly remove: () => void;
};

/** Made anew each time: no key is kept anywhere. `names` are those of the server. */
export function createAuthority(names: readonly string[]): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    const { error, status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
    if (error !== undefined)
      throw new Error('no openssl: apt-get install openssl', { cause: error });
    if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    ...['req', '-x509', ...key, '-days', '2', '-subj', '/CN=Test authority'],
    ...['-keyout', at('ca.key'), '-out', at('ca.pem')],
  );
  const subject = ['-subj', `/CN=${names[0]}`];
  openssl('req', ...key, ...subject, '-keyout', at('server.key'), '-out', at('server.csr'));
  writeFileSync(at('server.ext'), `subjectAltName=${names.map(alternative).join(',')}\n`);
  openssl(
    ...['x509', '-req', '-days', '2', '-CA', at('ca.pem'), '-CAkey', at('ca.key')],
    ...['-in', at('server.csr'), '-out', at('server.pem'), '-extfile', at('server.ext')],
  );
  const text = (name: string): string => readFileSync(at(name), 'utf8');
  return {
    caFile: at('ca.pem'),
    ca: text('ca.pem'),
    server: { key: text('server.key'), cert: text('server.pem') },
    file: (name, content) => {
      writeFileSync(at(name), content);
      return at(name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function alternative(name: string): string {
  return /^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`;
}
