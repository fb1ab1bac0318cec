import { BlockList, isIP } from 'node:net';
import { isLoopbackHost } from '../../config/loopback.ts';

/** Proxies by the scheme of a target's address, as the environment names them. */
export type Proxies = {
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** Hosts that are reached directly: names, `.suffixes`, `*`, each with or without a port. */
  readonly except: string;
  /** Addresses that are reached directly, where a target is named by its address. */
  readonly exceptRanges: BlockList;
};

export const NO_PROXIES: Proxies = {
  http: undefined,
  https: undefined,
  except: '',
  exceptRanges: new BlockList(),
};

type ProxyVariables = Readonly<Record<string, string | undefined>>;

type ProxiesRead =
  | { readonly ok: true; readonly proxies: Proxies }
  | { readonly ok: false; readonly name: string; readonly message: string };

/** The variables are read in lower case first, as most programs do; an empty one is none. */
export function readProxies(environment: ProxyVariables): ProxiesRead {
  const found = (name: string): string =>
    (environment[name.toLowerCase()] || environment[name])?.trim() ?? '';
  const [http, https, except] = [found('HTTP_PROXY'), found('HTTPS_PROXY'), found('NO_PROXY')];
  const message = 'must be an http(s) URL';
  if (!isProxy(http)) return { ok: false, name: 'HTTP_PROXY', message };
  if (!isProxy(https)) return { ok: false, name: 'HTTPS_PROXY', message };
  const exceptRanges = new BlockList();
  for (const entry of except.split(/[,\s]+/)) {
    if (entry.includes('/') && !addRange(exceptRanges, entry)) {
      return { ok: false, name: 'NO_PROXY', message: 'has a range that is none of addresses' };
    }
  }
  const proxies = { http: http || undefined, https: https || undefined, except, exceptRanges };
  return { ok: true, proxies };
}

/** The proxy by which `origin` is reached; what is on this machine never has one. */
export function proxyFor(
  origin: string,
  { exceptRanges, http, https }: Proxies,
): string | undefined {
  const { hostname, protocol } = new URL(origin);
  const address = unbracketed(hostname);
  const isDirect = isIP(address) !== 0 && exceptRanges.check(address, familyOf(address));
  return isDirect || isLoopbackHost(hostname) ? undefined : protocol === 'https:' ? https : http;
}

/** Adds a range such as `10.0.0.0/8`; false where it is none. */
function addRange(ranges: BlockList, entry: string): boolean {
  const [written = '', bits = '', ...more] = entry.split('/');
  const address = unbracketed(written);
  const bitsMax = isIP(address) === 6 ? 128 : 32;
  if (more.length > 0 || isIP(address) === 0 || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > bitsMax) return false;
  ranges.addSubnet(address, Number(bits), familyOf(address));
  return true;
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function isProxy(text: string): boolean {
  return text === '' || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));
}
