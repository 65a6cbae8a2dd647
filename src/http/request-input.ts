import type { NextFunction, Request, Response } from 'express';
import { BODY_BOUNDS, unacceptableIn, wrongWithText } from './plain-json.rules.js';
import { invalid, Problem } from './problem.js';

export const BODY_LIMIT_BYTES = 1024 * 1024;

/** Refuses addresses and query strings that no route could understand in only one way. */
export function checkAddress(request: Request, _response: Response, next: NextFunction): void {
  const [path = '', ...query] = request.originalUrl.split('?');
  const decodedPath = decoded(path, 'path');
  const wrong = wrongWithText(decodedPath);
  if (wrong !== undefined) throw invalid('path', wrong);
  checkQuery(query.join('?'));
  next();
}

/** Refuses bodies of other types than JSON before they are read. */
export function checkContentType(request: Request, _response: Response, next: NextFunction): void {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (hasBody && request.is(['application/json', 'application/*+json']) === false) {
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the body as application/json in UTF-8, without a content encoding.',
    );
  }
  next();
}

/** Refuses parsed bodies that are not an object, or that the store or the language could stumble over, or that take long to read. */
export function checkBody(request: Request, _response: Response, next: NextFunction): void {
  const body: unknown = request.body;
  if (Array.isArray(body)) throw invalid('body', 'must be a JSON object');
  const wrong = body === undefined ? undefined : unacceptableIn(body, BODY_BOUNDS);
  if (wrong) throw invalid(wrong.field, wrong.message);
  next();
}

function checkQuery(query: string): void {
  const seen = new Set<string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const [rawName = '', ...rawValue] = pair.split('=');
    const name = decoded(rawName, 'query');
    const wrong = wrongWithText(name) ?? wrongWithText(decoded(rawValue.join('='), 'query'));
    if (wrong !== undefined) throw invalid(wrongWithText(name) === undefined ? name : 'query', wrong);
    if (name === '__proto__') throw invalid('query', 'must not have a parameter __proto__');
    if (seen.has(name)) throw invalid(name, 'must be given at most once');
    seen.add(name);
  }
}

function decoded(text: string, field: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalid(field, 'is not valid percent-encoded UTF-8');
  }
}
