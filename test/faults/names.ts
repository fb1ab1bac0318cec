import dns from 'node:dns';

/** What the name of a vendor's host leads to when a connection is about to be made. */
export type Lookup = 'proxy' | 'nobody' | 'unknown name';

/** Nothing of the suite listens here, on any port. */
const NOBODY = '127.0.0.2';

const lookups = new Map<string, () => Lookup>();
const systemLookup = dns.lookup;

/** Gives the host `name` an address of this machine, decided at each connection. */
export function nameHost(name: string, lookup: () => Lookup): void {
  lookups.set(name, lookup);
}

export function forgetHost(name: string): void {
  lookups.delete(name);
}

type Found = (error: Error | null, address?: unknown, family?: number) => void;

/** Node's connections ask `dns.lookup` of the module object, so that is where names are made. */
Object.defineProperty(dns, 'lookup', {
  value: (hostname: string, options: { all?: boolean }, found: Found): void => {
    const known = lookups.get(hostname)?.();
    if (known === undefined) {
      Reflect.apply(systemLookup, dns, [hostname, options, found]);
    } else if (known === 'unknown name') {
      const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
        code: 'ENOTFOUND',
      });
      setImmediate(() => found(error));
    } else {
      const address = known === 'nobody' ? NOBODY : '127.0.0.1';
      setImmediate(() =>
        options.all === true ? found(null, [{ address, family: 4 }]) : found(null, address, 4),
      );
    }
  },
});
