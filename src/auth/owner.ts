import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Request } from 'express';

/** The id of the only principal whose rows somebody may see and act on; undefined: those of all. */
export type Owner = string | undefined;

const owners = new WeakMap<Request, { readonly owner: Owner }>();

/** The guard says it of every request that it lets in. */
export const noteOwner = (request: Request, owner: Owner): void => {
  owners.set(request, { owner });
};

/** Whose rows the request may see: for every list, and for every write that looks something up. Throws on routes that are open to all. */
export const CurrentOwner = createParamDecorator((_data: unknown, context: ExecutionContext): Owner => {
  const noted = owners.get(context.switchToHttp().getRequest<Request>());
  if (noted === undefined) throw new Error('This route is open to all and has no owner of rows.');
  return noted.owner;
});

/** Metadata of a route or controller whose path names something. */
export const BELONGING = 'nyx:belonging';

/** Of what nobody owns alone. */
export const DEPLOYMENT = 'deployment';

/** Of what the route itself reads with the owner in its statement. */
export const IN_STATEMENT = 'in statement';

/**
 * Says whose that is which the path names by `:id`: DEPLOYMENT (nobody's alone), IN_STATEMENT (the handler's own statement asks for the
 * owner), or a SELECT that gives a row if and only if $1 (the id) belongs to $2 (the principal). With ISOLATE_PRINCIPALS the guard answers
 * 404 without a row, and on every route that has a parameter in its path and no `@BelongsTo`.
 */
export const BelongsTo = (belonging: string): MethodDecorator & ClassDecorator => SetMetadata(BELONGING, belonging);

/**
 * The one condition that keeps rows apart, to stand behind others; nothing where all are seen.
 * @param values of the statement: the owner is added to them
 * @param condition in which `?` is the owner
 */
export const ofOwner = (owner: Owner, values: unknown[], condition = 'principal_id = ?'): string =>
  owner === undefined ? '' : ` AND ${condition.replaceAll('?', `$${values.push(owner)}`)}`;
