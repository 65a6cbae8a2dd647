/** What a JWT says of itself before anybody has verified it. Never to be trusted for more than the choice of who verifies it. */
export interface ClaimedJwt {
  readonly keyId?: string;
  readonly issuer?: string;
}

/** What replicas and providers disagree about what time it is. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** @param issuedAt `iat`, in seconds */
export const isInFuture = (issuedAt: number): boolean => issuedAt > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS;

const MAX_PART_CHARACTERS = 8_192;

export function claimedBy(token: string): ClaimedJwt {
  const [header = '', payload = ''] = token.split('.', 2);
  const { kid } = objectIn(header);
  const { iss } = objectIn(payload);
  return { ...(typeof kid === 'string' && { keyId: kid }), ...(typeof iss === 'string' && { issuer: iss }) };
}

function objectIn(part: string): Readonly<Record<string, unknown>> {
  if (part.length > MAX_PART_CHARACTERS) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
