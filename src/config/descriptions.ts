/**
 * One sentence for each key, nested as the configuration is: '' describes a map itself, '*' the
 * entries of a map with free names, '[]' those of a list. Only documents are made of them, so no
 * entry of a runtime imports this file.
 */
export type Descriptions = { readonly [key: string]: string | Descriptions };

const listenHost =
  'Host name or IP address to listen on; anything but loopback requires `callers`.';

/** The document without its targets, which `TARGET_DESCRIPTIONS` and the vendors describe. */
export const DOCUMENT_DESCRIPTIONS = {
  version: 'Version of the configuration format.',
  listen: {
    '': 'Address of the API (Node only); takes effect at the next start.',
    host: listenHost,
    port: 'Port of the API; 0 selects any free port. `--port` and `PORT` override it.',
    drainDelayMs:
      'Time after SIGTERM in which requests are still accepted while `/readyz` returns 503.',
  },
  admin: {
    '': 'Separate listener for `/admin` and `/metrics` (Node only); by default `listen` has them.',
    host: listenHost,
    port: 'Port of the operations; 0 selects any free port.',
  },
  cors: {
    '': 'Lets pages of other origins call `/profiles` and `/capabilities`; by default none may.',
    origins: 'Origins of the pages, each exact, as in `https://app.example.com`.',
  },
  docs: 'Whether `/docs` serves the reference page (Node only).',
  console: {
    '': 'Page for operators at `/console`, on the listener of the operations (Node only).',
    enabled: 'Whether it is served.',
    sessionKey:
      'Secret that seals its sessions, so that they outlast restarts; by default made at start.',
  },
  logLevel: 'Minimum level of log lines about requests; `LOG_LEVEL` overrides it.',
  targets: 'Accounts of vendors by name; the name is part of ids, as in `name:upstreamId`.',
  links: 'Links from ids to upstream ids: a file beside this one, or the KV binding on Workers.',
  state: {
    '': 'State that outlives the process and that replicas share (Node only).',
    file: 'SQLite file for the processes of one machine; it is made where there is none.',
    url: 'PostgreSQL database for any number of replicas, as `postgres://…`, in a reference.',
    caFile: 'PEM file of the authority of the database, in place of the public ones.',
    hashKey:
      'Secret key of the hashes that stand for values; with `url` every replica needs the same.',
    durability:
      'End that a stored write outlasts: of the `process` (default of `file`), or of `power` too.',
    sessionMs: 'Time without a sign of life after which others close the writes of a replica.',
    timeoutMs: 'Longest wait for the state; at most half of `sessionMs`.',
    schema: 'Whether the tables of a PostgreSQL database are made, or only checked.',
    receiptDays: 'Days for which receipts are kept.',
    keyHours: 'Hours for which answers to an `Idempotency-Key` are kept.',
  },
  routes: {
    '': 'Rules for ids that name no target, in their order; without them only `target:id` works.',
    '[]': {
      '': 'A rule; it has either `to` or `split`.',
      match: {
        '': 'Conditions, all of which must match; without any, the rule matches every id.',
        id: 'Pattern of the id: `*` matches any characters, `{upstreamId}` captures.',
        header: {
          '': 'Patterns of request headers by name.',
          '*': 'Pattern of the value: `*` matches any characters.',
        },
        caller: 'Pattern of the name of the caller.',
      },
      to: 'Target of the ids that match.',
      split: {
        '': 'Targets that share the ids that match, each id always at the same one.',
        '[]': {
          '': 'A target and its weight.',
          to: 'Target of a share.',
          weight: 'Weight of the share relative to the others; 0 receives no ids.',
        },
      },
      handling:
        'Rejects what the target cannot store, even if the client prefers lenient handling.',
      fallback: 'Targets with the same namespace, tried in order if the target cannot serve.',
    },
  },
  callers: {
    '': 'Services that may call, by name; without callers only this machine may call.',
    '*': {
      '': 'A caller; it has one of `key`, `keys` and `jwt`.',
      key: 'API key, or `sha256:` and its SHA-256 in hexadecimal; `keygen` prints both.',
      keys: 'Two keys in place of one, for rotation.',
      jwt: {
        '': 'Accepts signed tokens of an issuer.',
        jwksUrl: 'URL of the public keys of the issuer; https, or http on loopback.',
        issuer: 'Required value of the claim `iss`.',
        audience: 'Required value of the claim `aud`.',
        scopeClaim: 'Claim with the scopes, as words separated by spaces or as a list.',
        scopeNames: {
          '': 'Scopes of the gateway by their names at the issuer; by default the same names.',
          '*': 'Scope of the gateway.',
        },
        match: {
          '': 'Patterns of claims, which distinguish callers of one issuer.',
          '*': 'Pattern of the claim: `*` matches any characters.',
        },
        allowInsecureHttp: 'Permits a `jwksUrl` over plain HTTP to a host that is not loopback.',
      },
      scopes: 'Operations the caller may use.',
      targets: 'Names or patterns of the targets the caller may use; by default all.',
      fields: {
        '': 'Fields the caller may write; by default all that are not sensitive.',
        allow: 'JSON Pointers; each permits everything below it.',
      },
      limits: {
        '': 'Limits of the caller.',
        requestsPerSecond: 'Sustained rate of all requests; by default unlimited.',
        burst: 'Most requests at once; by default those of one second.',
        maxConcurrentRequests: 'Most requests in flight at once; by default 1,000.',
        bodyBytesMax: 'Largest body in bytes; by default 256 KiB.',
      },
    },
  },
} as const satisfies Descriptions;

/** The keys that every target has, whatever its vendor. */
export const TARGET_DESCRIPTIONS = {
  vendor: 'Vendor of the target.',
  idNamespace: 'Targets with the same namespace use the same upstream ids; by default the name.',
  timeoutMs: 'Longest wait for one request to the vendor.',
  allowInsecureHttp: 'Permits credentials over plain HTTP to a host that is not loopback.',
  settleMs:
    'Time for which the vendor may still apply a write that got no answer; by default its own.',
  createWithoutKey:
    'Accepts creates without an `Idempotency-Key`, although a repeat makes another profile.',
  mode: 'Whether the target serves reads and writes, reads only, or nothing.',
  limits: {
    '': 'Limits of the target.',
    connectTimeoutMs: 'Longest wait for a connection, TLS included.',
    deadlineMs: 'Longest request of a client, with retries and read-back.',
    maxConcurrentRequests: 'Most requests at once, and most connections to a host.',
    maxQueuedRequests: 'Most requests that wait; beyond them the response is 503.',
    circuitBreaker: {
      '': 'When to stop sending to a target that fails.',
      failureRatio: 'Share of failed requests that opens the circuit breaker.',
      windowMs: 'Time over which requests are counted.',
      minimumRequests: 'Fewest requests in that time for the circuit breaker to open.',
      openMs: 'Time for which nothing is sent; then one request at a time is tried.',
    },
  },
  tls: {
    '': 'Certificate authorities of the target (Node only).',
    caFile: 'File of PEM certificates that are trusted instead of the public authorities.',
  },
} as const satisfies Descriptions;
