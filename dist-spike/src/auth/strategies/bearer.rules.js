const BEARER = /^Bearer +(\S+)$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** The JWT of an Authorization header, if it carries one. */
export function presentedToken({ authorization }) {
    const bearer = BEARER.exec(authorization ?? '')?.[1];
    return bearer !== undefined && JWT.test(bearer) ? bearer : null;
}
/** The API key of a request: as Bearer, else X-API-Key. An Authorization header of any other kind is not looked past. */
export function presentedApiKey(headers) {
    if (headers.authorization !== undefined) {
        const bearer = BEARER.exec(headers.authorization)?.[1];
        return bearer === undefined || JWT.test(bearer) ? undefined : bearer;
    }
    const key = headers['x-api-key'];
    return typeof key === 'string' ? key : undefined;
}
//# sourceMappingURL=bearer.rules.js.map