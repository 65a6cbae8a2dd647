import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import type { EndedSpan } from './ended-span.js';
import type { SpanOutlet } from './span-outlet.js';

/**
 * Sends spans where OTEL_EXPORTER_OTLP_ENDPOINT says; without it nothing of OpenTelemetry is even loaded. A span is recorded when it has
 * ended, by whoever ended it and under an id that follows from what it is about: so a workflow that another replica carries on stays
 * one trace.
 */
@Injectable()
export class Tracing implements OnModuleInit, OnApplicationShutdown {
  private outlet: SpanOutlet | undefined;

  constructor(private readonly config: AppConfig) {}

  get isOn(): boolean {
    return this.outlet !== undefined;
  }

  async onModuleInit(): Promise<void> {
    const { otelEndpoint } = this.config;
    if (otelEndpoint === undefined) return;
    const { SpanOutlet: Outlet } = await import('./span-outlet.js');
    this.outlet = new Outlet(otelEndpoint);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.outlet?.close();
  }

  record(span: EndedSpan): void {
    if (span.context.isSampled) this.outlet?.send(span);
  }
}
