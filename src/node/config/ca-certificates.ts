import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ReadCertificates } from '../../config/target-schema.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads certificates as they are, so that a bad one is told now and not by failing connections. */
export const readCertificates: ReadCertificates = (path) => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { ok: false, problem: 'cannot be read' };
  }
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) return { ok: false, problem: 'holds no PEM certificate' };
  try {
    for (const pem of found) new X509Certificate(pem);
  } catch {
    return { ok: false, problem: 'holds a certificate that is malformed' };
  }
  return { ok: true, pem: found.join('\n') };
};
