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

/** The principal the guard let in; throws on routes that are open to all. */
export function principalOf(request: Request): Principal {
  const { user } = request as Request & { user?: Principal };
  if (!user) throw new Error('This route is open to all and has no principal.');
  return user;
}
