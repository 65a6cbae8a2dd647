import { type ArgumentMetadata, ValidationPipe, type ValidationError } from '@nestjs/common';
import { hidePrototypeKeys } from './prototype-keys.rules.js';
import { type FieldError, Problem } from './problem.js';

/** Prototype keys are refused at the door (`checkBody`); Nest would silently take `constructor` out of free-form objects. */
class RequestValidation extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return super.transform(this.toValidate(metadata) ? hidePrototypeKeys(value) : value, metadata);
  }

  protected override stripProtoKeys(): void {
    // Nothing to strip.
  }
}

/** The global pipe: only declared members, converted only where a DTO says so, every violation named with its dotted path. */
export const validationPipe = (): ValidationPipe =>
  new RequestValidation({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: (violations) => validationProblem(fieldErrors(violations)),
  });

export function validationProblem(errors: readonly FieldError[]): Problem {
  const fields = [...new Set(errors.map(({ field }) => field))].slice(0, 5).join(', ');
  return new Problem('VALIDATION_ERROR', `The request is not valid: ${fields}.`, { errors });
}

function fieldErrors(violations: readonly ValidationError[], parent = ''): FieldError[] {
  return violations.flatMap(({ property, constraints, children }) => {
    const field = (parent === '' ? property : `${parent}.${property}`).replaceAll('\0', '');
    const own = Object.values(constraints ?? {}).map((message) => ({ field, message: message.replaceAll('\0', '') }));
    return [...own, ...fieldErrors(children ?? [], field)];
  });
}
