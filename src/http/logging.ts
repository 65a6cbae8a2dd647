import { AsyncResource } from 'node:async_hooks';
import type { LoggerService } from '@nestjs/common';
import type { Request, RequestHandler } from 'express';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../config/app-config.js';
import { currentWork } from '../telemetry/work-context.js';
import { redact, redactText } from './log-redaction.rules.js';
import { currentRequestId } from './request-context.js';

/** Probes of orchestrators and monitors: only their failures are worth a line. */
export const PROBES = new Set(['/livez', '/readyz', '/health']);

/** One JSON object a line, with the ids of the request, trace and workflow it belongs to, and without secrets. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: undefined,
    timestamp: stdTimeFunctions.isoTime,
    messageKey: 'message',
    mixin: workOfLine,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => redact(fields) as Record<string, unknown>,
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

function workOfLine(): Record<string, string | undefined> {
  const work = currentWork();
  // A run begins wherever somebody looks at the queue: in another request too, of which it is none.
  const requestId = work?.retry === undefined ? currentRequestId() : work.requestId;
  return { request_id: requestId, trace_id: work?.trace.traceId, workflow_id: work?.workflowId };
}

/** A line per answered request: method, path without query, status, time. Headers and bodies are never logged. */
export const requestLogger =
  (logger: Logger): RequestHandler =>
  (request, response, next) => {
    const startedAtMs = performance.now();
    const path = pathOf(request);
    // AsyncLocalStorage.bind would do the same, and costs a twentieth of a small request.
    const asked = new AsyncResource('RequestLine');
    const write = (): void => {
      const status = response.statusCode;
      const isComplete = response.writableFinished;
      logger[levelOf(path, status)](
        {
          context: 'HTTP',
          method: request.method,
          path,
          status: isComplete ? status : undefined,
          duration_ms: Math.round(performance.now() - startedAtMs),
          remote_address: request.socket.remoteAddress,
        },
        isComplete ? `${request.method} ${path} ${status}` : `${request.method} ${path} left by the caller`,
      );
    };
    response.once('close', () => asked.runInAsyncScope(write));
    next();
  };

const levelOf = (path: string, status: number): Level => {
  if (status >= 500) return 'error';
  return PROBES.has(path) ? 'debug' : 'info';
};

const pathOf = (request: Request): string => request.originalUrl.split('?', 1)[0] ?? '';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What Nest tells of its own start is for debugging; also what it throws then, which whoever started it tells. */
const FRAMEWORK = new Set<unknown>([
  'ExceptionHandler',
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/** Writes what `new Logger(name)` of Nest logs through pino. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(rest.at(-1)) ? 'debug' : 'error', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest appends the logger's name to the arguments; a stack may stand before it. */
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const details = rest.slice(0, -1).filter((detail) => detail !== undefined);
    const fields = { context, ...(details.length > 0 && { details }) };
    if (message instanceof Error) {
      this.logger[level]({ ...fields, error: describe(message) }, redactText(message.message));
    } else if (typeof message === 'object' && message !== null) {
      this.logger[level]({ ...fields, ...message });
    } else {
      this.logger[level](fields, redactText(String(message)));
    }
  }
}

function describe(error: Error, depth = 0): Record<string, unknown> {
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause instanceof Error && depth < 3 && { cause: describe(error.cause, depth + 1) }),
  };
}
