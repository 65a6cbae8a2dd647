import { applyDecorators, createParamDecorator, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { ROLE_MARK } from '../http/docs/openapi-document.js';
import { principalOf } from './principal.js';
/** Metadata of a route or controller: the least role it needs, or `none`. The route's own comes before the controller's. */
export const ACCESS = 'nyx:access';
const access = (needed) => applyDecorators(SetMetadata(ACCESS, needed), ApiExtension(ROLE_MARK, needed));
/** Opens a route to callers without credentials. */
export const Public = () => access('none');
/** The least role a route needs, in the guard and in its description. Without it: GET needs viewer, all else operator. */
export const Requires = (role) => access(role);
export const CurrentPrincipal = createParamDecorator((_data, context) => principalOf(context.switchToHttp().getRequest()));
//# sourceMappingURL=access.decorators.js.map