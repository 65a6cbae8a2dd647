import { createHash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { firstValueFrom, from, type Observable } from 'rxjs';
import { ApiProblems } from '../api-problems.decorator.js';
import { EventStream } from '../event-stream.js';
import { invalid, Problem } from '../problem.js';
import { bodyHash } from './body-hash.rules.js';
import { IdempotencyService } from './idempotency.service.js';
import type { IdempotencyClaim, StoredResponse } from './idempotency.store.js';

const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const REPLAYED_HEADERS = ['Location', 'Retry-After', 'Preference-Applied'];
const MAX_ROUTE_LENGTH = 200;
/** Kept in place of a streamed answer, which is not given twice. No other 4xx is kept. */
const STREAMED = 409;

type ClaimingRequest = Request & { user?: { readonly id: string }; idempotencyClaim?: IdempotencyClaim };

@Injectable()
class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly idempotency: IdempotencyService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<ClaimingRequest>();
    const claim = claimOf(request);
    if (!claim) return next.handle();
    request.idempotencyClaim = claim;
    return from(this.once(claim, context.switchToHttp().getResponse<Response>(), next));
  }

  private async once(claim: IdempotencyClaim, response: Response, next: CallHandler): Promise<unknown> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    let stream: EventStream | undefined;
    const work = async (): Promise<StoredResponse> => {
      const body: unknown = await firstValueFrom(next.handle(), { defaultValue: undefined });
      if (body instanceof EventStream) {
        stream = body;
        return { status: STREAMED, headers: {}, body: JSON.stringify(body.reference) };
      }
      const text = body === undefined ? null : JSON.stringify(body);
      return { status: response.statusCode, headers: headersOf(response), body: text };
    };
    const answer = await this.idempotency.once(claim, work, gone.signal);
    if (stream !== undefined) return stream;
    if (answer.response.status === STREAMED) throw streamedBefore(answer.response);
    if (answer.kind === 'replayed') {
      response.status(answer.response.status).set(answer.response.headers).set('Idempotency-Replayed', 'true');
    }
    return answer.response.body === null ? undefined : (JSON.parse(answer.response.body) as unknown);
  }
}

/** A POST that starts work: with an `Idempotency-Key` its result is kept for 24 hours and given again. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Repeating a request with the same key and body gives the first result again, for 24 hours.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiProblems('IDEMPOTENCY_MISMATCH'),
  );

/** The claim under which this request runs; undefined when the caller sent no key. */
export const CurrentClaim = createParamDecorator(
  (_data: unknown, context: ExecutionContext): IdempotencyClaim | undefined =>
    context.switchToHttp().getRequest<ClaimingRequest>().idempotencyClaim,
);

function claimOf(request: ClaimingRequest): IdempotencyClaim | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalid('Idempotency-Key', 'must be 1 to 255 printable ASCII characters');
  }
  const [, query = ''] = request.originalUrl.split('?', 2);
  return {
    principalId: request.user?.id ?? 'anonymous',
    route: shortened(`${request.method} ${addressOf(request)}`),
    key,
    bodyHash: bodyHash(query === '' ? request.body : { body: request.body as unknown, query }),
  };
}

/** The same for every spelling that leads to the same handler and row. It is the usual one, which earlier releases have kept. */
const addressOf = ({ route, params }: Request): string =>
  (route as { readonly path: string }).path
    .replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(String(params[name])))
    .toLowerCase();

const streamedBefore = ({ body }: StoredResponse): Problem =>
  new Problem('CONFLICT', 'This request was answered as a stream, which is not given twice.', {
    extensions: body === null ? {} : (JSON.parse(body) as Record<string, string>),
  });

const shortened = (route: string): string =>
  route.length <= MAX_ROUTE_LENGTH ? route : createHash('sha256').update(route).digest('hex');

function headersOf(response: Response): Record<string, string> {
  const present = REPLAYED_HEADERS.map((name) => [name, response.getHeader(name)] as const);
  return Object.fromEntries(present.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}
