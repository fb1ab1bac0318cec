/** One sentence for each setting, for the configuration reference. */
export const descriptions = {
  baseUrl: 'Address of the tenant, up to `/api`.',
  auth: {
    '': 'API key, or a personal access token of Identity Security Cloud.',
    method: 'Kind of credential.',
    token: 'API key.',
    scheme: '`Token` for tenants that expect `Token token=…`.',
    tokenUrl: 'Endpoint for tokens.',
    clientId: 'Id of the personal access token.',
    clientSecret: 'Secret of the personal access token.',
  },
};
