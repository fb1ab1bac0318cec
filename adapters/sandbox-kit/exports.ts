/** The public names of `profile-gateway/sandbox-kit`. */
export * from './host.ts';
export * from './sandbox.ts';
