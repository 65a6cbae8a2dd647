import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request, Response } from 'express';
import { toProblem } from '../http/problem-mapping.js';
import { Problem } from '../http/problem.js';
import { actOf } from './audit/act.js';
import { Refusals } from './audit/refusals.js';
import { ACCESS, type Access } from './access.decorators.js';
import { AccessTokens } from './access-tokens.js';
import { networkOf } from './network.rules.js';
import { Isolation } from './isolation.js';
import { BELONGING, noteOwner } from './owner.js';
import { COST_CLASS } from './rate-limits/cost-class.decorator.js';
import type { CostClass } from './rate-limits/rate-limits.rules.js';
import { RateLimits } from './rate-limits/rate-limits.js';
import { type Principal, principalOf } from './principal.js';
import { includesRole } from './roles.js';
import { API_KEY_STRATEGY } from './strategies/api-key.strategy.js';
import { OIDC_STRATEGY } from './strategies/oidc.strategy.js';
import { presentedToken } from './strategies/bearer.rules.js';
import { TOKEN_STRATEGY } from './strategies/token.strategy.js';

const READS = new Set(['GET', 'HEAD']);

/** The one guard of every route: nobody without credentials, nobody below the role the route needs, nobody at what is another's. */
@Injectable()
export class AccessGuard extends AuthGuard([TOKEN_STRATEGY, OIDC_STRATEGY, API_KEY_STRATEGY]) {
  constructor(
    private readonly reflector: Reflector,
    private readonly refusals: Refusals,
    private readonly rates: RateLimits,
    private readonly isolation: Isolation,
    private readonly tokens: AccessTokens,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() === 'ws') return this.mayEmit(context);
    if (context.getType() !== 'http') return false;
    const request = context.switchToHttp().getRequest<Request>();
    try {
      await this.admit(context, request);
      return true;
    } catch (error) {
      const { status, code: errorCode } = toProblem(error);
      if (status < 500) await this.refusals.note(actOf(request, context.getHandler().name), { status, errorCode });
      throw error;
    }
  }

  /** Who is behind a socket was found out when it came. */
  private mayEmit(context: ExecutionContext): boolean {
    const { data } = context.switchToWs().getClient<{ data: { principal?: Principal } }>();
    const places = [context.getHandler(), context.getClass()];
    const required = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, places) ?? 'viewer';
    if (data.principal === undefined || required === 'none') return false;
    if (!includesRole(data.principal.role, required))
      throw new Problem('FORBIDDEN', `This needs the role ${required}.`);
    return true;
  }

  private async admit(context: ExecutionContext, request: Request): Promise<void> {
    const isRead = READS.has(request.method);
    const places = [context.getHandler(), context.getClass()];
    const declared = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, places);
    const given = this.reflector.getAllAndOverride<CostClass | undefined>(COST_CLASS, places);
    const costClass = given ?? (isRead ? 'read' : 'write');
    const count = async (caller: string): Promise<void> => {
      context
        .switchToHttp()
        .getResponse<Response>()
        .set(await this.rates.count(caller, costClass));
    };
    const ofAddress = `address:${networkOf(request.ip ?? '')}`;
    if (declared === 'none') {
      // Probes of orchestrators and monitors are never turned away.
      if (!isRead) await count(ofAddress);
      return;
    }
    try {
      if (!(await this.admitRemembered(request))) await super.canActivate(context);
    } catch (error) {
      await count(ofAddress);
      throw error;
    }
    const principal = principalOf(request);
    await count(`principal:${principal.id}`);
    const required = declared ?? (isRead ? 'viewer' : 'operator');
    if (!includesRole(principal.role, required)) throw new Problem('FORBIDDEN', `This needs the role ${required}.`);
    const owner = this.isolation.ownerFor(principal);
    noteOwner(request, owner);
    if (owner === undefined) return;
    const belonging = this.reflector.getAllAndOverride<string | undefined>(BELONGING, places);
    await this.isolation.requireOwn(owner, request.params, belonging);
  }

  /** Signs in who carries a token that needs no verification again; whom it stands for is looked up all the same. @returns whether it does */
  private async admitRemembered(request: Request): Promise<boolean> {
    const token = presentedToken(request.headers);
    const principal = token === null ? undefined : await this.tokens.rememberedPrincipal(token);
    if (principal === undefined) return false;
    Object.assign(request, { user: principal });
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
