import { ValidateIf } from 'class-validator';

/** A member that may be left out, but not be null as `IsOptional` would let it. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);
