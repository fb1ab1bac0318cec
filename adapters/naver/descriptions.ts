/** One sentence for each setting, for the configuration reference. */
export const descriptions = {
  baseUrl: 'Endpoint of External Access.',
  auth: {
    '': 'API authentication key of a sub account.',
    accessKey: 'Access key id.',
    secretKey: 'Secret key.',
  },
};
