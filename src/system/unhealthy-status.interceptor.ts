import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';

const RETRY_AFTER_SECONDS = 2;

/** Answers that say `unhealthy` or `not_ready` are sent as 503, with the same body. */
@Injectable()
export class UnhealthyStatus implements NestInterceptor<{ status: string }> {
  intercept(context: ExecutionContext, next: CallHandler<{ status: string }>): Observable<{ status: string }> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((body) => {
        const isDown = body.status === 'unhealthy' || body.status === 'not_ready';
        if (isDown) response.status(503).setHeader('Retry-After', RETRY_AFTER_SECONDS);
        return body;
      }),
    );
  }
}
