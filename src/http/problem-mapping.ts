import { isNativeError } from 'node:util/types';
import { HttpException } from '@nestjs/common';
import { isAway, isConnectionError } from '../database/connection-errors.js';
import { type ErrorCode, Problem } from './problem.js';

/** What callers hear when a row collides with one that exists: the one place where unique violations become 409. */
const UNIQUE_VIOLATIONS: Readonly<Record<string, string>> = {
  uq_users_username: 'A user of this name exists already.',
  uq_api_keys_key_hash: 'This API key exists already.',
  uq_prompt_templates_name_version: 'This version of the prompt template exists already.',
  uq_prompt_templates_active: 'Another version of this prompt template is active.',
  uq_workflow_templates_name: 'A workflow template of this name exists already.',
  uq_system_config_key: 'This setting exists already.',
  uq_motivational_tasks_active: 'This motivation has an active task already.',
};

const HTTP_ERRORS: Readonly<Record<number, { readonly code: ErrorCode; readonly detail: string }>> = {
  400: { code: 'VALIDATION_ERROR', detail: 'The request is not valid.' },
  401: { code: 'UNAUTHENTICATED', detail: 'Sign in, or send an API key.' },
  403: { code: 'FORBIDDEN', detail: 'Your role does not allow this.' },
  404: { code: 'NOT_FOUND', detail: 'There is nothing at this address.' },
  405: { code: 'METHOD_NOT_ALLOWED', detail: 'This address does not take this method.' },
  406: { code: 'NOT_ACCEPTABLE', detail: 'None of the accepted content types is available.' },
  408: { code: 'REQUEST_TIMEOUT', detail: 'The request took too long to arrive.' },
  409: { code: 'CONFLICT', detail: 'The request collides with the current state.' },
  413: { code: 'PAYLOAD_TOO_LARGE', detail: 'The body may have at most 1 MiB.' },
  415: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'Send the body as application/json in UTF-8, without a content encoding.',
  },
  429: { code: 'RATE_LIMITED', detail: 'Too many requests.' },
  431: { code: 'HEADERS_TOO_LARGE', detail: 'The headers are too large.' },
  503: { code: 'OVERLOADED', detail: 'NYX cannot take this request now.' },
};

/** Turns whatever was thrown into what the caller may know. What nobody foresaw is INTERNAL, and its cause stays here. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const fromHttp = fromHttpError(error);
  if (fromHttp) return fromHttp;
  const fromDatabase = fromDatabaseError(error);
  if (fromDatabase) return fromDatabase;
  return new Problem('INTERNAL', 'Something went wrong on our side.', { cause: error });
}

function fromHttpError(error: unknown): Problem | undefined {
  const status = error instanceof HttpException ? error.getStatus() : clientErrorStatus(error);
  const known = status === undefined ? undefined : HTTP_ERRORS[status];
  if (!known) return undefined;
  const isMalformedJson = textProperty(error, 'type') === 'entity.parse.failed';
  if (isMalformedJson) return new Problem('MALFORMED_JSON', 'The body is not valid JSON.', { cause: error });
  const errors = status === 400 ? [{ field: 'request', message: 'could not be read' }] : undefined;
  return new Problem(known.code, known.detail, { errors, cause: error });
}

/** The status that Express and its body parser put on errors they blame the client for. */
function clientErrorStatus(error: unknown): number | undefined {
  if (!isNativeError(error) || !('expose' in error || error.name === 'URIError')) return undefined;
  const status = 'status' in error ? error.status : 400;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function fromDatabaseError(error: unknown): Problem | undefined {
  if (isAway(error) || isDisconnectedDataSource(error)) {
    const detail = 'The database is not available right now.';
    return new Problem('DATABASE_UNAVAILABLE', detail, { retryAfterSeconds: 2, cause: error });
  }
  if (isConnectionError(error)) {
    const detail = 'The request was held up by others, or collided with them; try again.';
    return new Problem('OVERLOADED', detail, { retryAfterSeconds: 1, cause: error });
  }
  if (textProperty(error, 'code') === '23505') {
    const known = UNIQUE_VIOLATIONS[textProperty(error, 'constraint') ?? ''];
    return new Problem('CONFLICT', known ?? 'This exists already.', { cause: error });
  }
  return undefined;
}

const DISCONNECTED = new Set(['CannotExecuteNotConnectedError', 'ConnectionNotFoundError', 'DriverNotConnectedError']);

const isDisconnectedDataSource = (error: unknown): boolean => isNativeError(error) && DISCONNECTED.has(error.name);

function textProperty(error: unknown, name: 'type' | 'code' | 'constraint'): string | undefined {
  if (!isNativeError(error)) return undefined;
  const value = (error as Error & Partial<Record<typeof name, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}
