import { applyDecorators } from '@nestjs/common';
import { IsUUID, ValidateIf } from 'class-validator';

/** A query parameter that is a UUID of any version, or absent. */
export const IfGivenUuid = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_object, value) => value !== undefined),
    IsUUID('all'),
  );
