/** Proxies by the scheme of a target's address, as the environment names them. */
export type Proxies = {
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** Hosts that are reached directly: names, `.suffixes`, `*`, each with or without a port. */
  readonly except: string;
};

export const NO_PROXIES: Proxies = { http: undefined, https: undefined, except: '' };

type ProxyVariables = Readonly<Record<string, string | undefined>>;

/** The variables are read in lower case first, as most programs do; an empty one is none. */
export function readProxies(
  environment: ProxyVariables,
):
  | { readonly ok: true; readonly proxies: Proxies }
  | { readonly ok: false; readonly name: string } {
  const found = (name: string): string =>
    (environment[name.toLowerCase()] || environment[name])?.trim() ?? '';
  const [http, https] = [found('HTTP_PROXY'), found('HTTPS_PROXY')];
  if (!isProxy(http)) return { ok: false, name: 'HTTP_PROXY' };
  if (!isProxy(https)) return { ok: false, name: 'HTTPS_PROXY' };
  const proxies = { http: http || undefined, https: https || undefined, except: found('NO_PROXY') };
  return { ok: true, proxies };
}

function isProxy(text: string): boolean {
  return text === '' || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));
}
