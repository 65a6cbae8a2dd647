import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from './problem.js';

/** Prefix of the marks that `finishDocument` turns into responses. */
export const PROBLEM_MARK = 'x-problem-';

/**
 * The errors a route can give beyond those every route of its kind has (INTERNAL, DATABASE_UNAVAILABLE, OVERLOADED, NOT_ACCEPTABLE;
 * UNAUTHENTICATED and FORBIDDEN behind the guard; VALIDATION_ERROR with parameters and wherever a body can come; NOT_FOUND with a path parameter;
 * MALFORMED_JSON, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE and REQUEST_TIMEOUT with a body).
 */
export const ApiProblems = (...codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator =>
  applyDecorators(...codes.map((code) => ApiExtension(`${PROBLEM_MARK}${code}`, { code })));
