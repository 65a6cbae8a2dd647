import { ValidationPipe } from '@nestjs/common';
import { Problem } from './problem.js';
/** The global pipe: only declared members, converted only where a DTO says so, every violation named with its dotted path. */
export const validationPipe = () => new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: (violations) => validationProblem(fieldErrors(violations)),
});
export function validationProblem(errors) {
    const fields = [...new Set(errors.map(({ field }) => field))].slice(0, 5).join(', ');
    return new Problem('VALIDATION_ERROR', `The request is not valid: ${fields}.`, { errors });
}
function fieldErrors(violations, parent = '') {
    return violations.flatMap(({ property, constraints, children }) => {
        const field = parent === '' ? property : `${parent}.${property}`;
        const own = Object.values(constraints ?? {}).map((message) => ({ field, message }));
        return [...own, ...fieldErrors(children ?? [], field)];
    });
}
//# sourceMappingURL=validation.js.map