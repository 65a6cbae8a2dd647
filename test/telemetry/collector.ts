import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it arrived. */
export interface ArrivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: AnyValue }[];
  readonly status: { readonly code: number };
}

interface Request {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: WireSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

export interface Collector {
  readonly url: string;
  readonly spans: ArrivedSpan[];
  readonly bodies: string[];
  readonly services: unknown[];
  /** How many came, whatever they asked for. */
  requests: number;
  /** How it answers from now on. */
  status: number;
  close(): Promise<void>;
}

/** A collector that takes OTLP over HTTP in JSON, as its specification has it. */
export async function startCollector(): Promise<Collector> {
  const server = createServer((request, response) => {
    collector.requests += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const isRight = request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
      if (isRight && collector.status === 200) take(body);
      response.writeHead(isRight ? collector.status : 404, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const take = (body: string): void => {
    collector.bodies.push(body);
    for (const { resource, scopeSpans } of (JSON.parse(body) as Request).resourceSpans) {
      collector.services.push(attributesOf(resource.attributes)['service.name']);
      for (const { spans } of scopeSpans) collector.spans.push(...spans.map(arrived));
    }
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    bodies: [],
    services: [],
    requests: 0,
    status: 200,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return collector;
}

const arrived = (span: WireSpan): ArrivedSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId === undefined || span.parentSpanId === '' ? undefined : span.parentSpanId,
  name: span.name,
  kind: span.kind,
  startNs: BigInt(span.startTimeUnixNano),
  endNs: BigInt(span.endTimeUnixNano),
  attributes: attributesOf(span.attributes),
  isError: span.status.code === 2,
});

const attributesOf = (attributes: WireSpan['attributes']): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));

function valueOf({ stringValue, intValue, doubleValue, boolValue, arrayValue }: AnyValue): unknown {
  if (arrayValue !== undefined) return arrayValue.values.map(valueOf);
  return stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? boolValue;
}

/** Throws unless no span is there twice and each has its parent in the same trace, but for those that belong to `outside`. */
export function checkTree(spans: readonly ArrivedSpan[], outside: readonly string[] = []): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  expect(byId.size).toBe(spans.length);
  for (const { name, parentSpanId, traceId, startNs, endNs } of spans) {
    expect(endNs >= startNs).toBe(true);
    if (parentSpanId === undefined || outside.includes(parentSpanId)) continue;
    const parent = byId.get(parentSpanId);
    expect([name, parent?.traceId]).toEqual([name, traceId]);
  }
}

/** What a span is below, up to the root. */
export function pathOf(span: ArrivedSpan, spans: readonly ArrivedSpan[]): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent === undefined ? [] : pathOf(parent, spans))];
}
