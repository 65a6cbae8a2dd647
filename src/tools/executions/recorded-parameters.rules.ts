import { SECRET_MEMBER } from '../../http/log-redaction.rules.js';

const REDACTED = '[redacted]';

/** Parameters as everybody who reads may see them: without the values of what is named as a secret, also where `name` and `value` stand apart. */
export function recordedParameters(parameters: unknown): unknown {
  if (typeof parameters !== 'object' || parameters === null) return parameters;
  if (Array.isArray(parameters)) return parameters.map(recordedParameters);
  const { name, value } = parameters as { name?: unknown; value?: unknown };
  const isSecretPair = typeof name === 'string' && SECRET_MEMBER.test(name) && value !== undefined;
  return Object.fromEntries(
    Object.entries(parameters).map(([member, content]) => [
      member,
      SECRET_MEMBER.test(member) || (isSecretPair && member === 'value') ? REDACTED : recordedParameters(content),
    ]),
  );
}
