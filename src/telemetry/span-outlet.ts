import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { RELEASE } from '../config/release.js';
import type { EndedSpan } from './ended-span.js';

/** Spans that wait to be sent; what comes when there are so many is dropped. */
const QUEUE = 4_096;
const SEND_EVERY_MS = 1_000;
const SEND_TIMEOUT_MS = 5_000;
/** What is not sent by then when NYX stops is lost. */
const FLUSH_MS = 3_000;

/** As `ExportResultCode` of OpenTelemetry has it, which names it in a package that is not ours to import. */
const SUCCESS = 0;

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

type Done = Parameters<SpanExporter['export']>[1];

/** Ids are not drawn but given: they are set right before a span is made, which is done at once. */
class GivenIds implements IdGenerator {
  traceId = '';
  spanId = '';
  generateTraceId = (): string => this.traceId;
  generateSpanId = (): string => this.spanId;
}

/** Tells of a collector that cannot be reached once, and when it is there again. */
class ReportingExporter implements SpanExporter {
  private readonly logger = new Logger('Tracing');
  private isFailing = false;

  constructor(private readonly inner: SpanExporter) {}

  export(spans: ReadableSpan[], done: Done): void {
    this.inner.export(spans, (result) => {
      const code: number = result.code;
      const isFailure = result.error !== undefined || code !== SUCCESS;
      if (isFailure && !this.isFailing) {
        this.logger.warn(
          `Spans could not be sent and are lost until they can be: ${result.error?.message ?? 'no reason given'}`,
        );
      } else if (!isFailure && this.isFailing) {
        this.logger.log('Spans are sent again.');
      }
      this.isFailing = isFailure;
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.inner.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.inner.shutdown();
  }
}

/** Spans on their way to a collector, by OTLP over HTTP, in a bounded queue. Nothing that happens to them harms who recorded them. */
export class SpanOutlet {
  private readonly ids = new GivenIds();
  private readonly provider: BasicTracerProvider;
  private readonly tracer: Tracer;

  /** @param endpoint of the collector, without the path of the signal */
  constructor(endpoint: string) {
    const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
    const exporter = new ReportingExporter(new OTLPTraceExporter({ url, timeoutMillis: SEND_TIMEOUT_MS }));
    this.provider = new BasicTracerProvider({
      sampler: new AlwaysOnSampler(),
      idGenerator: this.ids,
      resource: resourceFromAttributes({ 'service.name': 'nyx', 'service.version': RELEASE }),
      spanProcessors: [
        new BatchSpanProcessor(exporter, {
          maxQueueSize: QUEUE,
          scheduledDelayMillis: SEND_EVERY_MS,
          exportTimeoutMillis: SEND_TIMEOUT_MS,
        }),
      ],
    });
    this.tracer = this.provider.getTracer('nyx');
  }

  send({ context, spanId, name, kind, startMs, endMs, attributes, errorType }: EndedSpan): void {
    const { traceId, spanId: parentId } = context;
    Object.assign(this.ids, { traceId, spanId });
    const parent =
      parentId === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId,
            spanId: parentId,
            traceFlags: TraceFlags.SAMPLED,
            isRemote: true,
          });
    const options = {
      kind: KINDS[kind],
      startTime: startMs,
      // What is undefined is left out.
      attributes: { ...attributes, 'error.type': errorType } as Attributes,
    };
    const span = this.tracer.startSpan(name, options, parent);
    if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(Math.max(startMs, endMs));
  }

  /** Sends what waits, within a bound. */
  async close(): Promise<void> {
    await Promise.race([this.provider.shutdown().catch(() => undefined), sleep(FLUSH_MS, undefined, { ref: false })]);
  }
}
