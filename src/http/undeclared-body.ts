import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { validationProblem } from './validation.js';

/** Where reading is all there is, a body means nothing (RFC 9110). */
const READING = ['GET', 'HEAD'];

/** Refuses (400) a body with members where the route has none: a pipe sees only what a handler asks for. */
@Injectable()
export class UndeclaredBody implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http' || takesBody(context)) return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    const body = (request.body ?? {}) as object;
    const names = READING.includes(request.method) ? [] : Object.keys(body);
    if (names.length > 0) {
      throw validationProblem(names.map((field) => ({ field, message: `property ${field} should not exist` })));
    }
    return next.handle();
  }
}

/** Nest keeps a handler's parameters under `<kind>:<place>`. */
function takesBody(context: ExecutionContext): boolean {
  const parameters: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name);
  return Object.keys(parameters ?? {}).some((kind) => kind.startsWith(`${RouteParamtypes.BODY}:`));
}
