import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An authority of one test, made by openssl. */
export type Authority = {
  /** Its certificate, in PEM, and the file of it. */
  readonly certificate: string;
  readonly file: string;
  /** A key and a certificate for a server with these names, as `DNS:localhost`. */
  readonly issue: (names: string) => { readonly key: string; readonly certificate: string };
  readonly remove: () => void;
};

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function createAuthority(name: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const pathOf = (file: string): string => join(folder, file);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const authority = ['-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', `/CN=${name}`];
  openssl('req', '-x509', ...KEY, ...authority, '-addext', 'basicConstraints=critical,CA:TRUE');
  return {
    certificate: readFileSync(pathOf('ca.crt'), 'utf8'),
    file: pathOf('ca.crt'),
    issue: (names) => {
      openssl('req', ...KEY, '-keyout', 'key', '-out', 'request', '-subj', '/CN=database');
      writeFileSync(pathOf('extensions'), `subjectAltName=${names}\n`);
      const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1'];
      openssl('x509', '-req', '-in', 'request', ...by, '-extfile', 'extensions', '-out', 'crt');
      const [key, certificate] = ['key', 'crt'].map((file) => readFileSync(pathOf(file), 'utf8'));
      return { key: key ?? '', certificate: certificate ?? '' };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
