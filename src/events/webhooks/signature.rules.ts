import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
/** Standard Webhooks. */
const [MIN_BYTES, MAX_BYTES] = [24, 64];

/** A secret as Standard Webhooks has it: `whsec_` and 24 to 64 bytes in base64. */
export const newWebhookSecret = (): string => `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;

export function isWebhookSecret(text: unknown): text is string {
  if (typeof text !== 'string' || !text.startsWith(PREFIX)) return false;
  const key = keyOf(text);
  return key.length >= MIN_BYTES && key.length <= MAX_BYTES && `${PREFIX}${key.toString('base64')}` === padded(text);
}

export interface SignedMessage {
  /** The same for every attempt. */
  readonly id: string;
  readonly body: string;
}

/** The headers of Standard Webhooks. @param secrets each signs, so that a receiver may know the new one or the one before */
export function signedHeaders(
  { id, body }: SignedMessage,
  secrets: readonly string[],
  now: Date,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const digest = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${digest}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), 'base64');

const padded = (text: string): string => {
  const length = text.length - PREFIX.length;
  return text.padEnd(PREFIX.length + Math.ceil(length / 4) * 4, '=');
};
