/** The public names of `profile-gateway/sandbox-kit`. */
export * from './host.ts';
export * from './request-body.ts';
export * from './sandbox.ts';
export * from './unkind.ts';
