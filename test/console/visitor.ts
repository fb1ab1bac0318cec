import type { createConsole } from '../../src/console/app.ts';

/** A page as a browser gets it. */
export type SeenPage = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly location: string;
};

export type VisitorOptions = {
  /** Origin of the address, by default this machine. */
  readonly origin?: string;
  /** Parts of the listener that the requests arrive at. */
  readonly binding?: object;
};

/** A browser without a screen: it keeps cookies, and sends forms with the token of the last page. */
export function createVisitor(
  app: Pick<ReturnType<typeof createConsole>, 'fetch'>,
  { binding = {}, origin = 'http://localhost:8787' }: VisitorOptions = {},
) {
  const cookies = new Map<string, string>();
  let csrf = '';
  let referrerPolicy = '';
  const send = async (path: string, init: RequestInit): Promise<SeenPage> => {
    const headers = new Headers(init.headers);
    const sent = [...cookies].map(([name, value]) => `${name}=${value}`);
    if (sent.length > 0) headers.set('cookie', sent.join('; '));
    const response = await app.fetch(new Request(origin + path, { ...init, headers }), binding);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await response.text();
    csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? csrf;
    referrerPolicy = response.headers.get('referrer-policy') ?? '';
    const location = response.headers.get('location') ?? '';
    return { status: response.status, headers: response.headers, text, location };
  };
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    send(path, { headers });
  /** The `Origin` that a browser sends with a form of the last page (Fetch, section 3.2). */
  const originOfForms = () => (referrerPolicy === 'no-referrer' ? 'null' : origin);
  const post = (path: string, fields: Readonly<Record<string, string>>, headers = {}) =>
    send(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: originOfForms(),
        ...headers,
      },
      body: new URLSearchParams({ csrf, ...fields }).toString(),
    });
  return {
    cookies,
    send,
    get,
    post,
    csrf: () => csrf,
    signIn: async (key: string, next = '/console') => {
      await get(`/console/sign-in?${new URLSearchParams({ next })}`);
      return await post('/console/sign-in', { key, next });
    },
  };
}

/** Returns the address of the next page of a list, without the escapes of its markup. */
export function nextPageOf({ text }: Pick<SeenPage, 'text'>): string {
  return /href="([^"]+)"[^>]*>Next page</.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
}

/** The text of a page without its markup, as far as tests compare it. */
export function wordsOf({ text }: Pick<SeenPage, 'text'>): string {
  return text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}
