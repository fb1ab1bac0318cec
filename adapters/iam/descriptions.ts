import { keystoneDescriptions } from '../keystone/descriptions.ts';

/** One sentence for each setting, for the configuration reference. */
export const descriptions = {
  dialect: 'Open Telekom Cloud, or a plain OpenStack Keystone.',
  baseUrl: 'Endpoint of IAM or Keystone, with or without `/v3`.',
  manageStatus: '`status` suspends and resumes projects.',
  allowDelete: 'Lets profiles be deleted, and with a project all cloud resources in it.',
  auth: {
    '': 'Credential; a password needs either `domain`, or `project` with `projectDomain`.',
    ...keystoneDescriptions,
    domain: 'Name of the domain the token is scoped to.',
    url: 'Endpoint for tokens; by default `baseUrl` with `/v3`.',
    accessKey: 'Permanent access key.',
    secretKey: 'Secret of the access key.',
    domainId: 'Id of the account.',
  },
};
