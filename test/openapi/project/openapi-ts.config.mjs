export default {
  input: './openapi.json',
  output: { path: './generated/hey-api' },
  plugins: ['@hey-api/typescript', '@hey-api/sdk', '@hey-api/client-fetch'],
  logs: { level: 'silent' },
};
