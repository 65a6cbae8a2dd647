import { createHash, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { JwtModuleOptions } from '@nestjs/jwt';
import type { AppConfig } from '../config/app-config.js';

export const ACCESS_TOKEN_SECONDS = 15 * 60;
export const ALGORITHM = 'HS256';
export const ISSUER = 'nyx';
export const AUDIENCE = 'nyx-api';

/** What an access token says. */
export interface TokenClaims {
  /** User id. */
  readonly sub: string;
  /** Session id. */
  readonly sid: string;
  /** The user's token version when it was signed. */
  readonly ver: number;
}

/** Names a signing key in tokens without saying anything of it that the signature would not. */
export const keyIdOf = (secret: string): string =>
  createHash('sha256').update(`nyx signing key:${secret}`).digest('hex').slice(0, 16);

/** A key object: as a string every verification would derive it anew. */
const keyOf = (secret: string): KeyObject => createSecretKey(Buffer.from(secret, 'utf8'));

/** Keys that tokens are taken from, by their id: the one that signs and those before it. */
export const verifyingKeys = ({ jwtSecret, jwtPreviousSecrets }: AppConfig): ReadonlyMap<string, KeyObject> =>
  new Map([jwtSecret, ...jwtPreviousSecrets].map((secret) => [keyIdOf(secret), keyOf(secret)]));

export const jwtOptions = ({ jwtSecret }: AppConfig): JwtModuleOptions => ({
  secret: keyOf(jwtSecret),
  signOptions: {
    algorithm: ALGORITHM,
    keyid: keyIdOf(jwtSecret),
    expiresIn: ACCESS_TOKEN_SECONDS,
    issuer: ISSUER,
    audience: AUDIENCE,
  },
});

/** 256 random bits as 43 characters. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256, hex. Enough for secrets of 256 random bits; passwords go through Argon2. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
