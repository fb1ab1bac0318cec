import { X509Certificate } from 'node:crypto';
import type { ReadCertificates } from '../../config/target-schema.ts';
import { type FileRead, readRegularFile } from './regular-file.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

type Certificates = ReturnType<ReadCertificates>;

/** Reads certificates at once: a bad one is reported now and not by failing connections. */
export function readCertificates(
  path: string,
  read: (path: string) => FileRead = readRegularFile,
): Certificates {
  const file = read(path);
  if (!file.ok) return { ok: false, problem: file.failure };
  const found = file.bytes.toString('latin1').match(CERTIFICATE) ?? [];
  if (found.length === 0) return { ok: false, problem: 'holds no PEM certificate' };
  try {
    for (const pem of found) new X509Certificate(pem);
  } catch {
    return { ok: false, problem: 'holds a certificate that is malformed' };
  }
  return { ok: true, pem: found.join('\n') };
}
