/** The bindings of the Worker; every other text binding is a secret that `${NAME}` may name. */
declare global {
  namespace Cloudflare {
    interface Env {
      PROFILE_WRITER: DurableObjectNamespace;
      /** The configuration as JSON, up to 5 KB. */
      GATEWAY_CONFIG?: string;
      /** Holds the configuration under the key `config`, where it is larger. */
      CONFIG?: KVNamespace;
      /** Holds the links: under each id, `{"target":"upstreamId"}`. */
      LINKS?: KVNamespace;
      /** Secret key of the hashes that stand for values in intents and receipts. */
      STATE_HASH_KEY?: string;
      /** `1` only in development: the sandboxes answer in place of the vendors. */
      SANDBOX?: string;
    }
  }
}

export type Environment = Cloudflare.Env;

/** A binding that is a text, by name; bindings of other kinds are nobody's secret. */
export function textBinding(environment: Environment, name: string): string | undefined {
  const entry = Object.entries(environment).find(([key]) => key === name);
  return typeof entry?.[1] === 'string' ? entry[1] : undefined;
}

/** Least length of the key of hashes, as on Node. */
const HASH_KEY_CHARACTERS_MIN = 16;

/** Returns the key of hashes; undefined where the objects keep neither intents nor receipts. */
export function stateHashKey(environment: Environment): string | undefined {
  return textBinding(environment, 'STATE_HASH_KEY');
}

/** Returns what is wrong with the key of hashes, or undefined. */
export function hashKeyProblem(environment: Environment): string | undefined {
  const key = stateHashKey(environment);
  if (key === undefined || key.length >= HASH_KEY_CHARACTERS_MIN) return undefined;
  return `the secret STATE_HASH_KEY must have at least ${HASH_KEY_CHARACTERS_MIN} characters`;
}
