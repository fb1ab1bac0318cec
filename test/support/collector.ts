import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import definitions from 'otlp-definitions/build/src/generated/root.js';

/** A span as it came over the wire, ids in hexadecimal. */
export type ReceivedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
};

export type Collector = {
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** The requests that brought them: path, content type and headers of the exporter. */
  readonly requests: readonly {
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
  }[];
  /** All bytes that came. */
  readonly bytes: () => string;
  readonly close: () => Promise<void>;
};

/** The part of the generated definitions that is used here; their own types leave it open. */
type Definitions = {
  readonly opentelemetry: {
    readonly proto: { readonly collector: { readonly trace: { readonly v1: TraceTypes } } };
  };
};
type TraceTypes = {
  readonly ExportTraceServiceRequest: {
    readonly decode: (bytes: Uint8Array) => object;
    readonly toObject: (message: object, options: object) => unknown;
  };
};

type KeyValue = { key: string; value: Record<string, unknown> };
type WireSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: string;
  status?: { code: string };
  attributes: KeyValue[];
};
type WireRequest = {
  resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: WireSpan[] }[] }[];
};

/**
 * A collector of OpenTelemetry's protocol over HTTP, which decodes what it is sent by the protobuf
 * definitions of OpenTelemetry.
 */
export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const requests: { path: string; headers: IncomingMessage['headers'] }[] = [];
  const received: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    received.push(body);
    requests.push({ path: request.url ?? '', headers: request.headers });
    spans.push(...decode(body));
    response.setHeader('content-type', 'application/x-protobuf').end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    requests,
    bytes: () => Buffer.concat(received).toString('latin1'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function decode(body: Uint8Array): ReceivedSpan[] {
  const { opentelemetry } = definitions as unknown as Definitions;
  const { ExportTraceServiceRequest: type } = opentelemetry.proto.collector.trace.v1;
  const options = { enums: String, bytes: String, longs: String, defaults: true, arrays: true };
  const { resourceSpans } = type.toObject(type.decode(body), options) as WireRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        name: span.name,
        kind: span.kind,
        status: span.status?.code ?? '',
        attributes: textsOf(span.attributes),
        resource: textsOf(resource.attributes),
      })),
    ),
  );
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

/** Attributes as texts; which member of a value holds it is told by `value`. */
function textsOf(attributes: readonly KeyValue[]): Record<string, string> {
  const texts = attributes.map(({ key, value }): [string, string] => {
    return [key, String(value.stringValue ?? value.intValue ?? value.doubleValue)];
  });
  return Object.fromEntries(texts);
}
