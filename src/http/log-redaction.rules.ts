/** Names of members, headers and variables whose values are never written down. */
export const SECRET_MEMBER =
  /^(authorization|x-api-key|cookie|set-cookie|password|.*_password|token|.*_token|api_?key|secret|.*_secret|key_hash|password_hash)$/i;

const SECRETS_IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [redacted]'],
  [/\bnyxr?_[A-Za-z0-9_-]{16,}/g, '[redacted]'],
  [/\bwhsec_[A-Za-z0-9+/=]{16,}/g, '[redacted]'],
  [/\bsk-ant-[A-Za-z0-9_-]{8,}/g, '[redacted]'],
  [/\beyJ[A-Za-z0-9_-]{8,1000}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, '[redacted]'],
];

/** What stands before an @, or to the end of a word without one: each character is looked at once. */
const BEFORE_AT = /[^\s@]+@?/g;
const PASSWORD_IN_ADDRESS = /(\b[a-z][a-z0-9+]{0,20}:\/\/[^\s:/@]+:)[^@]+@$/i;

const MAX_DEPTH = 6;

/** Text without the credentials that are recognisable by their shape. */
export const redactText = (text: string): string =>
  SECRETS_IN_TEXT.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text).replace(
    BEFORE_AT,
    (word) => (word.endsWith('@') ? word.replace(PASSWORD_IN_ADDRESS, '$1[redacted]@') : word),
  );

/** A copy for the log: secret members are replaced, text is searched for secrets, deep nesting is cut. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET_MEMBER.test(name) ? '[redacted]' : redact(member, depth + 1),
    ]),
  );
}
