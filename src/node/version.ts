import packageJson from '../../package.json' with { type: 'json' };

/** The version of the gateway; a bundle holds the one of its build. */
export const VERSION: string = packageJson.version;

/** The name by which the gateway introduces itself to vendors and issuers. */
export const USER_AGENT = `profile-gateway/${VERSION}`;
