import type { Request } from 'express';
import type { Role } from './roles.js';

/** Whoever a request acts for. */
export interface Principal {
  /** A UUID, or `deployment` for the key that the deployment fixed. */
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly kind: 'user' | 'api_key';
  /** The session of a signed-in user. */
  readonly sessionId?: string;
}

/** Whom credentials stand for, and when they end by themselves. */
export interface Admission {
  readonly principal: Principal;
  readonly expiresAt: Date | undefined;
}

/** The principal that the request was found to act for; undefined where nobody is known. */
export const presentPrincipal = (request: Request): Principal | undefined =>
  (request as Request & { user?: Principal }).user;

/** The principal the guard let in; throws on routes that are open to all. */
export function principalOf(request: Request): Principal {
  const user = presentPrincipal(request);
  if (!user) throw new Error('This route is open to all and has no principal.');
  return user;
}
