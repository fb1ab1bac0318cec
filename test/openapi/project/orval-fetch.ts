/** Sends what a client of orval makes to `globalThis.origin`, since its URLs have no host. */
export async function fetchAt<T>(url: string, options: RequestInit): Promise<T> {
  const response = await fetch(`${globalThis.origin}${url}`, options);
  const text = await response.text();
  const data: unknown = text === '' ? undefined : JSON.parse(text);
  return { data, status: response.status, headers: response.headers } as T;
}
