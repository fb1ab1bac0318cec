/** The one account of the sandbox. None of these opens anything anywhere else. */
export const ACCOUNT = {
  domain: { id: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', name: 'OTC-SANDBOX' },
  user: { id: '0c5f3a8be7d64d0fa9b1c2d3e4f50617', name: 'gateway' },
  password: 'sandbox-password',
  accessKey: 'SANDBOXACCESSKEY0001',
  secretKey: 'sandbox-secret-key-0001',
} as const;

/** The sender of a request, and its scope. */
export type SandboxCaller = {
  readonly scope: 'domain' | 'project';
  /** The id of the token that was sent; undefined for a signed request. */
  readonly tokenId: string | undefined;
};
