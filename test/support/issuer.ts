import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';

export const AUDIENCE = 'profile-gateway';
export const ISSUER = 'https://issuer.example.com/realm';

/** What a token may say in place of what a good one says; undefined leaves a claim out. */
export type TokenParts = {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: CryptoKey | Uint8Array;
};

export type Issuer = {
  readonly jwksUrl: string;
  /** The text of the public key, as an attacker can have it. */
  readonly publicKeyText: string;
  readonly kid: () => string;
  readonly sign: (parts?: TokenParts) => Promise<string>;
  /** Makes a new key; tokens are signed with it from now on, and it is the only one shown. */
  readonly rotate: () => Promise<void>;
  /** What the key set answers until it is called again; undefined: the keys. */
  readonly answerWith: (answer: { status: number; body: string } | undefined) => void;
  /** How often the keys were asked for. */
  readonly fetches: () => number;
  readonly stop: () => Promise<void>;
};

/** An issuer of tokens with its key set on a loopback port. */
export async function startIssuer(algorithm = 'RS256'): Promise<Issuer> {
  let count = 0;
  let fetches = 0;
  let answer: { status: number; body: string } | undefined;
  let pair = await generateKeyPair(algorithm, { extractable: true });
  let shown: JWK = await published();

  async function published(): Promise<JWK> {
    count += 1;
    return { ...(await exportJWK(pair.publicKey)), kid: `key-${count}`, alg: algorithm };
  }

  const server: Server = createServer((_, response) => {
    fetches += 1;
    const { body, status } = answer ?? { status: 200, body: JSON.stringify({ keys: [shown] }) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    jwksUrl: `http://127.0.0.1:${port}/keys?realm=1`,
    publicKeyText: await exportSPKI(pair.publicKey),
    kid: () => String(shown.kid),
    sign: ({ claims, header, key } = {}) => {
      const seconds = Math.floor(Date.now() / 1000);
      const payload = {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: 'svc-billing',
        scope: 'profiles:read profiles:write',
        iat: seconds,
        exp: seconds + 300,
        ...claims,
      };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: algorithm, kid: String(shown.kid), typ: 'at+jwt', ...header })
        .sign(key ?? pair.privateKey);
    },
    rotate: async () => {
      pair = await generateKeyPair(algorithm, { extractable: true });
      shown = await published();
    },
    answerWith: (next) => {
      answer = next;
    },
    fetches: () => fetches,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
