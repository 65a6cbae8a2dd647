import type { Request } from 'express';
import { currentRequest, currentRequestId } from '../../http/request-context.js';
import { presentPrincipal } from '../principal.js';
import type { AuditEntry } from './audit.service.js';

/** What a request is about to do, before anybody knows how it ends. */
export type Act = Omit<AuditEntry, 'outcome' | 'status' | 'errorCode' | 'repeated'>;

/** @param action the operation, as the API description names it */
export function actOf(request: Request, action: string): Act {
  const params = Object.entries(request.params).map(([name, value]) => `${name}=${String(value)}`);
  return {
    actor: presentPrincipal(request),
    action,
    method: request.method,
    path: request.originalUrl.split('?', 1)[0] ?? '',
    target: params.length === 0 ? undefined : params.join(' '),
    address: request.ip,
    requestId: currentRequestId(),
  };
}

/** Of the request this code runs for; undefined where it runs for none. */
export function currentAct(action: string): Act | undefined {
  const request = currentRequest();
  return request && actOf(request, action);
}
