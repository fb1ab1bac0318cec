/** One sentence for each setting, for the configuration reference. */
export const descriptions = {
  baseUrl: 'Endpoint of the vendor.',
  key: 'API key.',
};
