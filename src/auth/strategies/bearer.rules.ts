const BEARER = /^Bearer +(\S+)$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

export interface PresentedHeaders {
  readonly authorization?: string | undefined;
  readonly 'x-api-key'?: string | string[] | undefined;
}

/** The JWT of an Authorization header, if it carries one. */
export function presentedToken({ authorization }: PresentedHeaders): string | null {
  const bearer = BEARER.exec(authorization ?? '')?.[1];
  return bearer !== undefined && JWT.test(bearer) ? bearer : null;
}

/** The API key of a request: as Bearer, else X-API-Key. An Authorization header of any other kind is not looked past. */
export function presentedApiKey(headers: PresentedHeaders): string | undefined {
  if (headers.authorization !== undefined) {
    const bearer = BEARER.exec(headers.authorization)?.[1];
    return bearer === undefined || JWT.test(bearer) ? undefined : bearer;
  }
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : undefined;
}
