/** The part of a parsed request that shows its framing. */
type Framing = {
  readonly httpVersion: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
};

const HOST = 'host';
const CODING = 'transfer-encoding';

/**
 * Reports whether every proxy on the way must have read the request as Node's parser did (RFC 9112,
 * 3.2 and 6.1). The parser refuses contradicting lengths, folded lines and bare line ends itself;
 * it takes codings under the chunks as if they were none, chunks from HTTP/1.0, more than one host,
 * and versions that are not HTTP/1.
 */
function isPlainlyFramed({ httpVersion, rawHeaders }: Framing): boolean {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return false;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const { length } = rawHeaders[i] ?? '';
    if (length === HOST.length) {
      if (rawHeaders[i]?.toLowerCase() === HOST) hosts += 1;
    } else if (length === CODING.length && rawHeaders[i]?.toLowerCase() === CODING) {
      if (httpVersion === '1.0' || rawHeaders[i + 1]?.toLowerCase() !== 'chunked') return false;
    }
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}

/** Bindings that the server passes with each request. */
export type Bindings = { readonly incoming: Framing & { readonly socket: object } };
/** Answers one request. */
export type Answer = (request: Request, bindings: Bindings) => Response | Promise<Response>;

/**
 * Answers by `answer` what is plainly framed, anything else by `refuse`, which must close the
 * connection. After such a request nothing on its connection is answered: Node may have parsed the
 * next one already, and that may be a piece of the first.
 */
export function plainlyFramedOnly(answer: Answer, refuse: () => Response): Answer {
  const refused = new WeakSet<object>();
  return (request, bindings) => {
    const { incoming } = bindings;
    if (!refused.has(incoming.socket) && isPlainlyFramed(incoming))
      return answer(request, bindings);
    refused.add(incoming.socket);
    return refuse();
  };
}
