import type { TransformFnParams } from 'class-transformer';

/** Of a query's parameter; what is neither stays for the validation to refuse. */
export const toBoolean = ({ value }: TransformFnParams): unknown =>
  value === 'true' ? true : value === 'false' ? false : (value as unknown);
