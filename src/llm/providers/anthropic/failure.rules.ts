import { AnthropicError, APIConnectionError, APIError } from '@anthropic-ai/sdk';
import type { TokenUsage } from '../../pricing.rules.js';
import { ProviderFailure } from '../provider.js';
import { unreadable } from './answer.rules.js';
import { chargeOfStatus, isUnsent, statusOfErrorType } from './outcome.rules.js';

/** What was known of an attempt when it failed. */
export interface AttemptFacts {
  /** The answer had begun, so the request is paid. */
  readonly hasBegun: boolean;
  readonly requestId: string | undefined;
  readonly usageBound: TokenUsage | undefined;
  /** What a server may have sent back of our own secrets is not shown. */
  readonly withoutSecrets: (text: string) => string;
}

export function failureOf(error: unknown, facts: AttemptFacts): ProviderFailure {
  if (hasSyntaxError(error)) return unreadable(error, facts.usageBound);
  if (isAnswered(error)) return answeredFailure(error, facts);
  if (isEvent(error)) return eventFailure(error, facts);
  if (error instanceof APIConnectionError && isUnsent(error)) {
    return new ProviderFailure('The model provider could not be reached.', 'nothing', { cause: error });
  }
  return new ProviderFailure('The connection to the model provider broke off.', 'unknown', {
    cause: error,
    requestId: facts.requestId,
    usageBound: facts.usageBound,
  });
}

/** By name: the error may come from a parser that does not share this module's globals. */
const hasSyntaxError = (error: unknown): boolean =>
  isNamed(error, 'SyntaxError') || (error instanceof AnthropicError && isNamed(error.cause, 'SyntaxError'));

const isNamed = (error: unknown, name: string): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === name;

const isAnswered = (error: unknown): error is APIError<number, Headers> =>
  error instanceof APIError && typeof error.status === 'number';

const isEvent = (error: unknown): error is APIError => error instanceof APIError && error.type !== null;

function answeredFailure(error: APIError<number, Headers>, { withoutSecrets }: AttemptFacts): ProviderFailure {
  const { status } = error;
  return new ProviderFailure(
    withoutSecrets(`The model provider answered ${status}${said(error)}`),
    chargeOfStatus(status, error.type !== null),
    {
      status,
      errorType: error.type ?? undefined,
      errorCode: error.errorCode ?? undefined,
      headers: new Map(error.headers.entries()),
      requestId: error.requestID ?? undefined,
      cause: error,
    },
  );
}

/** An `error` event in a stream that had begun as a success. */
function eventFailure(
  error: APIError,
  { hasBegun, requestId, usageBound, withoutSecrets }: AttemptFacts,
): ProviderFailure {
  const type = error.type ?? undefined;
  return new ProviderFailure(
    withoutSecrets(`The model provider broke its answer off${said(error)}`),
    hasBegun ? 'unknown' : 'nothing',
    {
      status: type && statusOfErrorType(type),
      errorType: type,
      errorCode: error.errorCode ?? undefined,
      requestId,
      usageBound,
      cause: error,
    },
  );
}

const said = ({ apiMessage }: APIError): string => (apiMessage === null ? '' : `: ${apiMessage}`);
