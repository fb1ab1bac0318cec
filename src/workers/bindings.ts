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
