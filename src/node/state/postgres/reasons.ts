/**
 * Words for what keeps a gateway from its database, by the code of Node, OpenSSL or the server.
 * Nothing of the message of an error is shown: it may quote what is secret.
 */
const LOST_REASONS: ReadonlyMap<string, string> = new Map([
  ...untrusted(
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ),
  ['CERT_SIGNATURE_FAILURE', 'the certificate of the database has a wrong signature'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate of the database is for another host'],
  ['CERT_HAS_EXPIRED', 'the certificate of the database has expired'],
  ['CERT_NOT_YET_VALID', 'the certificate of the database is not valid yet'],
  ['ECONNREFUSED', 'nobody listens at the address of the database'],
  ['ENOTFOUND', 'the host of the database has no address'],
  ['EAI_AGAIN', 'the host of the database cannot be looked up'],
  ['28P01', 'the database rejects the password'],
  ['28000', 'the database rejects the user'],
  ['3D000', 'the server has no such database'],
  ['42501', 'the user lacks a right in the database'],
  ['53300', 'the database has too many connections'],
  ['57P03', 'the database is starting or stopping'],
]);

/** The driver reports this without a code. */
const NO_TLS = 'The server does not support SSL connections';

/** Returns why a database does not answer, in words without secrets; undefined: it is not known. */
export function unavailableReason(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message === NO_TLS) return 'the database has no TLS, which sslmode requires';
  return 'code' in error ? LOST_REASONS.get(String(error.code)) : undefined;
}

function untrusted(...codes: string[]): [string, string][] {
  const words =
    'the certificate of the database is from an authority that is not trusted (`state.caFile`)';
  return codes.map((code) => [code, words]);
}
