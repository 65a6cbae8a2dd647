import { applyDecorators } from '@nestjs/common';
import { IsUUID } from 'class-validator';
import { IfGiven } from '../http/if-given.decorator.js';

/** A query parameter that is a UUID of any version, or absent. */
export const IfGivenUuid = (): PropertyDecorator => applyDecorators(IfGiven(), IsUUID('all'));
