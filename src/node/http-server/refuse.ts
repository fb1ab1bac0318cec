import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OpenConnections } from './connections.ts';
import {
  type OnRefused,
  type ParserError,
  problemOfRefusal,
  type RefusedRequest,
  refusalOf,
  refusalOfError,
  responseText,
} from './refusals.ts';

/** Time that a caller has to read a refusal before its connection is destroyed. */
const LINGER_MS = 500;

/** Answers, and reports, what Node's server would refuse without a trace. */
export function answerRefused(
  server: Server,
  { responseOn }: OpenConnections,
  onRefused: OnRefused,
): void {
  const refused = new WeakSet<Duplex>();
  const refuse = (connection: Duplex, refusal: RefusedRequest): void => {
    if (refused.has(connection)) return;
    refused.add(connection);
    // What the application was asked already it ends and reports itself.
    if (responseOn(connection) === undefined) onRefused(refusal);
    connection.end(responseText(refusal));
    setTimeout(() => connection.destroy(), LINGER_MS).unref();
  };
  server.on('clientError', (error: ParserError, connection) => {
    const refusal = refusalOfError(error);
    // A silent connection has requested nothing, and an answer that has begun is left alone.
    const mayAnswer = connection.writable && responseOn(connection)?.headersSent !== true;
    if (refusal !== undefined && hasSent(connection) && mayAnswer) refuse(connection, refusal);
    else connection.destroy();
  });
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf('expectation_failed', 'Expect');
    const { body, headers } = problemOfRefusal(refusal);
    onRefused(refusal);
    response.writeHead(refusal.status, headers).end(body);
  });
  server.on('connect', (_: IncomingMessage, connection) => {
    connection.on('error', () => connection.destroy());
    refuse(connection, refusalOf('method_not_implemented', 'CONNECT'));
  });
}

function hasSent(connection: Duplex): boolean {
  return 'bytesRead' in connection && connection.bytesRead !== 0;
}
