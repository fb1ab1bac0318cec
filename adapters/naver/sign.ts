import type { Digests, MaybePromise } from '../../src/adapter-kit/index.ts';

/** The signed parts of a request: neither its body nor its headers are. */
export type SignedRequest = {
  readonly method: string;
  /** Path and query exactly as they are sent: percent-encoded, order kept, `/api/v1` included. */
  readonly path: string;
};

/** A key pair of an account or sub account. */
export type AccessKeyPair = { readonly accessKey: string; readonly secretKey: string };

export type SigningPorts = {
  /** Unix time in milliseconds; sent and signed as the same decimal number. */
  readonly nowMs: number;
  readonly digests: Digests;
};

/**
 * The three headers of NAVER Cloud's API gateway signature v2. They age: the gateway refuses a
 * timestamp 5 minutes or more from its clock, so each send is signed anew.
 * A promise only if the digests return one.
 *
 * Source: api.ncloud-docs.com, management-subaccount (2026-09-17).
 */
export function signRequest(
  request: SignedRequest,
  { accessKey, secretKey }: AccessKeyPair,
  { nowMs, digests }: SigningPorts,
): MaybePromise<Readonly<Record<string, string>>> {
  const timestamp = String(Math.trunc(nowMs));
  const headers = (mac: string) => ({
    'x-ncp-apigw-timestamp': timestamp,
    'x-ncp-iam-access-key': accessKey,
    'x-ncp-apigw-signature-v2': mac,
  });
  const text = stringToSign(request, accessKey, timestamp);
  const mac = digests.hmacSha256(secretKey, text, 'base64');
  return mac instanceof Promise ? mac.then(headers) : headers(mac);
}

/**
 * The text under the HMAC: method and path, timestamp, access key on a line each, without a
 * newline at the end and without the host.
 *
 * Source: NaverCloudPlatform/ncloud-sdk-go-v2 hmac/hmac.go, ncloud-sdk-java NcloudCredentials.
 */
export function stringToSign(
  { method, path }: SignedRequest,
  accessKey: string,
  timestamp: string,
): string {
  return `${method.toUpperCase()} ${path}\n${timestamp}\n${accessKey}`;
}
