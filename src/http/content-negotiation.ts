import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiProduces } from '@nestjs/swagger';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { Problem } from './problem.js';

const PRODUCES = 'nyx:produces';

/** The content types of a route's answer, where it is not JSON alone. */
export const Produces = (...types: readonly string[]): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(PRODUCES, types), ApiProduces(...types));

/** Refuses (406) callers that accept nothing of what the route answers. */
@Injectable()
export class ContentNegotiation implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const types = this.reflector.getAllAndOverride<string[] | undefined>(PRODUCES, [
      context.getHandler(),
      context.getClass(),
    ]) ?? ['application/json'];
    const request = context.switchToHttp().getRequest<Request>();
    if (request.headers.accept !== undefined && request.accepts(types) === false) {
      throw new Problem('NOT_ACCEPTABLE', `This address answers ${types.join(', ')}.`);
    }
    return next.handle();
  }
}
