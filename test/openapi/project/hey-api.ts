import { client } from './generated/hey-api/client.gen';
import { patchProfile } from './generated/hey-api/sdk.gen';

/** Patches a profile by the client of @hey-api/openapi-ts; returns its outcome and vendor. */
export async function patch(origin: string, id: string): Promise<string> {
  client.setConfig({ baseUrl: origin });
  const { data, error } = await patchProfile({ path: { id }, body: { status: 'active' } });
  if (data === undefined) return error?.code ?? 'none';
  return `${data.write.outcome} ${data.profile?.vendor}`;
}

/** Compiles only while a wrong value does not. */
export const wrong = () =>
  // @ts-expect-error
  patchProfile({ path: { id: '' }, body: { status: 'gone' } });
