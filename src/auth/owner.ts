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
 * Whose it is what the path names by `:id`: a statement that has a row when $1 is the principal's $2, or DEPLOYMENT or IN_STATEMENT. With
 * ISOLATE_PRINCIPALS the guard answers 404 for what is another's, and on every route with a parameter in its path that says nothing.
 */
export const BelongsTo = (belonging: string): MethodDecorator & ClassDecorator => SetMetadata(BELONGING, belonging);

/**
 * The one condition that keeps rows apart, to stand behind others; nothing where all are seen.
 * @param values of the statement: the owner is added to them
 * @param condition in which `?` is the owner
 */
export const ofOwner = (owner: Owner, values: unknown[], condition = 'principal_id = ?'): string =>
  owner === undefined ? '' : ` AND ${condition.replaceAll('?', `$${values.push(owner)}`)}`;
