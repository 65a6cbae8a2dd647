import { createHash, createSecretKey, randomBytes } from 'node:crypto';
export const ACCESS_TOKEN_SECONDS = 15 * 60;
export const ALGORITHM = 'HS256';
export const ISSUER = 'nyx';
export const AUDIENCE = 'nyx-api';
/** A key object: as a string every verification would derive it anew. */
export const signingKey = (config) => createSecretKey(Buffer.from(config.jwtSecret, 'utf8'));
export const jwtOptions = (config) => ({
    secret: signingKey(config),
    signOptions: { algorithm: ALGORITHM, expiresIn: ACCESS_TOKEN_SECONDS, issuer: ISSUER, audience: AUDIENCE },
});
/** 256 random bits as 43 characters. */
export const newSecret = () => randomBytes(32).toString('base64url');
/** SHA-256, hex. Enough for secrets of 256 random bits; passwords go through Argon2. */
export const hashOf = (secret) => createHash('sha256').update(secret).digest('hex');
//# sourceMappingURL=tokens.js.map