import { type CallHandler, type ExecutionContext, Injectable, Logger, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { catchError, concatMap, from, map, type Observable, switchMap, throwError } from 'rxjs';
import { toProblem } from '../../http/problem-mapping.js';
import { type Act, actOf } from './act.js';
import { Audit, type AuditEntry } from './audit.service.js';
import { RECORDS_ITSELF } from './records-itself.decorator.js';
import { Refusals } from './refusals.js';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Puts every change on record: before it begins, so that none is lost with its process, and how it ended, before that is answered. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly logger = new Logger(AuditInterceptor.name);

  constructor(
    private readonly reflector: Reflector,
    private readonly audit: Audit,
    private readonly refusals: Refusals,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    if (READS.has(request.method)) return next.handle();
    const act = actOf(request, context.getHandler().name);
    const response = context.switchToHttp().getResponse<Response>();
    const recordsItself = this.reflector.get<boolean | undefined>(RECORDS_ITSELF, context.getHandler()) === true;
    const refused = catchError((error: unknown) =>
      from(this.ended(act, error)).pipe(switchMap(() => throwError(() => error))),
    );
    if (recordsItself) return next.handle().pipe(refused);
    return from(this.audit.record({ ...act, outcome: 'begun' })).pipe(
      switchMap(() => next.handle()),
      concatMap((body: unknown) =>
        from(this.end({ ...act, outcome: 'done', status: response.statusCode })).pipe(map(() => body)),
      ),
      refused,
    );
  }

  private async ended(act: Act, error: unknown): Promise<void> {
    const { status, code: errorCode } = toProblem(error);
    if (status < 500) await this.refusals.note(act, { status, errorCode });
    else await this.end({ ...act, outcome: 'failed', status, errorCode });
  }

  /** What was done stays done when its end cannot be recorded: its beginning is on record, and the log says so. */
  private async end(entry: AuditEntry): Promise<void> {
    await this.audit.record(entry).catch((error: unknown) => {
      this.logger.error(`The end of ${entry.action} ${entry.path} is not on record: ${String(error)}`);
    });
  }
}
