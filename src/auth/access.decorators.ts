import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Request } from 'express';
import { ROLE_MARK } from '../http/docs/openapi-document.js';
import { type Principal, principalOf } from './principal.js';
import type { Role } from './roles.js';

/** Metadata of a route or controller: the least role it needs, or `none`. The route's own comes before the controller's. */
export const ACCESS = 'nyx:access';
export type Access = Role | 'none';

const access = (needed: Access): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, needed), ApiExtension(ROLE_MARK, needed));

/** Opens a route to callers without credentials. */
export const Public = (): MethodDecorator & ClassDecorator => access('none');

/** The least role a route needs, in the guard and in its description. Without it: GET needs viewer, all else operator. */
export const Requires = (role: Role): MethodDecorator & ClassDecorator => access(role);

export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal =>
  principalOf(context.switchToHttp().getRequest<Request>()),
);
