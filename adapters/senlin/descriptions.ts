import { keystoneDescriptions } from '../keystone/descriptions.ts';

/** One sentence for each setting, for the configuration reference. */
export const descriptions = {
  baseUrl: 'Endpoint of Senlin, with or without `/v1`.',
  auth: {
    '': 'Keystone credential.',
    ...keystoneDescriptions,
    url: 'Keystone endpoint, with `/v3`.',
    id: 'Id of the application credential.',
    secret: 'Secret of the application credential.',
  },
};
