import createClient from 'openapi-fetch';
import type { paths } from './generated/openapi-typescript';

/** Patches a profile by types of openapi-typescript; returns its outcome and vendor. */
export async function patch(origin: string, id: string): Promise<string> {
  const client = createClient<paths>({ baseUrl: origin });
  const { data, error } = await client.PATCH('/profiles/{id}', {
    params: { path: { id }, header: { Prefer: 'handling=strict' } },
    body: { status: 'active' },
  });
  if (data === undefined) return error?.code ?? 'none';
  return `${data.write.outcome} ${data.profile?.vendor}`;
}

/** Compiles only while a wrong value does not. */
export const wrong: paths['/profiles/{id}']['patch']['requestBody']['content']['application/json'] =
  // @ts-expect-error
  { status: 'gone' };
