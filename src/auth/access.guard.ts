import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { Problem } from '../http/problem.js';
import { ACCESS, type Access } from './access.decorators.js';
import { principalOf } from './principal.js';
import { includesRole } from './roles.js';
import { API_KEY_STRATEGY } from './strategies/api-key.strategy.js';
import { TOKEN_STRATEGY } from './strategies/token.strategy.js';

const READS = new Set(['GET', 'HEAD']);

/** The one guard of every route: nobody without credentials, nobody below the role the route needs. */
@Injectable()
export class AccessGuard extends AuthGuard([TOKEN_STRATEGY, API_KEY_STRATEGY]) {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return false;
    const declared = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (declared === 'none') return true;
    await super.canActivate(context);
    const request = context.switchToHttp().getRequest<Request>();
    const required = declared ?? (READS.has(request.method) ? 'viewer' : 'operator');
    if (!includesRole(principalOf(request).role, required)) {
      throw new Problem('FORBIDDEN', `This needs the role ${required}.`);
    }
    return true;
  }

  override handleRequest<User>(error: unknown, user: User | false | undefined): User {
    if (error !== null && error !== undefined) throw error as Error;
    if (user === false || user === undefined) {
      throw new Problem('UNAUTHENTICATED', 'Sign in, or send an API key; what was sent, if anything, is not valid.');
    }
    return user;
  }
}
