// What a JWT says of itself before anybody has verified it: never to be trusted for more than the choice of who verifies it.

/** What replicas and providers disagree about what time it is. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** @param issuedAt `iat`, in seconds */
export const isInFuture = (issuedAt: number): boolean => issuedAt > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS;

const MAX_PART_CHARACTERS = 8_192;

/** The name of the key that it says it is signed with. */
export function claimedKey(token: string): string | undefined {
  const { kid } = objectIn(token.split('.', 1)[0]);
  return typeof kid === 'string' ? kid : undefined;
}

/** Who it says made it. */
export function claimedIssuer(token: string): string | undefined {
  const { iss } = objectIn(token.split('.', 2)[1]);
  return typeof iss === 'string' ? iss : undefined;
}

function objectIn(part = ''): Readonly<Record<string, unknown>> {
  if (part.length > MAX_PART_CHARACTERS) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
