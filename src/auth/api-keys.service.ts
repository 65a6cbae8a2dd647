import { timingSafeEqual } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { Notifications } from '../database/notifications.service.js';
import { type Cursor, exactTime, type Page, pageOf, placeAfter } from '../http/cursor.js';
import type { PageQuery } from '../http/page-query.dto.js';
import type { Plain } from '../http/plain.js';
import { invalid, notFound } from '../http/problem.js';
import type { ApiKeyView, CreateApiKey, CreatedApiKey } from './dto/api-key.dto.js';
import { ExpiringCache } from './expiring-cache.js';
import type { Admission, Principal } from './principal.js';
import type { Role } from './roles.js';
import { ACCESS_CHANNEL } from './sessions.service.js';
import { hashOf, newSecret } from './tokens.js';

const TRUST_MS = 30_000;
const MARK_USE_EVERY_MS = 60_000;
const KEY = /^nyx_[\w-]{43}$/;
const SHOWN_CHARACTERS = 12;

interface ApiKeyRow extends Cursor {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly role: Role;
  readonly created_by: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
}

const COLUMNS = `id, name, prefix, role, created_by, created_at, expires_at, last_used_at, ${exactTime('created_at')} AS at`;

@Injectable()
export class ApiKeys {
  private readonly logger = new Logger(ApiKeys.name);
  private readonly known = new ExpiringCache<Admission | undefined>(TRUST_MS, 10_000);
  private readonly markedAtMs = new Map<string, number>();
  private readonly deployment: { readonly hash: Buffer; readonly principal: Principal } | undefined;

  constructor(
    private readonly database: Database,
    private readonly notifications: Notifications,
    { deploymentApiKey }: AppConfig,
  ) {
    notifications.on(ACCESS_CHANNEL, () => this.known.clear());
    notifications.onReconnect(() => this.known.clear());
    this.deployment = deploymentApiKey && {
      hash: Buffer.from(hashOf(deploymentApiKey.key)),
      principal: { id: 'deployment', username: 'deployment', role: deploymentApiKey.role, kind: 'api_key' },
    };
  }

  /** Whom a presented key stands for; undefined when it is unknown, revoked or expired. */
  async principalFor(key: string): Promise<Principal | undefined> {
    return (await this.admissionFor(key))?.principal;
  }

  async admissionFor(key: string): Promise<Admission | undefined> {
    const hash = hashOf(key);
    if (this.deployment && timingSafeEqual(this.deployment.hash, Buffer.from(hash)))
      return { principal: this.deployment.principal, expiresAt: undefined };
    if (!KEY.test(key)) return undefined;
    const known = await this.known.get(hash, () => this.find(hash));
    if (!known || (known.expiresAt && known.expiresAt.getTime() <= Date.now())) return undefined;
    this.markUse(known.principal.id);
    return known;
  }

  async list({ limit, cursor }: PageQuery): Promise<Page<Plain<ApiKeyView>>> {
    const after = placeAfter(cursor);
    const rows = await this.database.query<ApiKeyRow>(
      `SELECT ${COLUMNS} FROM api_keys
       WHERE (created_at, id) < ($1::timestamptz, $2::uuid)
       ORDER BY created_at DESC, id DESC LIMIT $3`,
      [after.at, after.id, limit + 1],
    );
    return pageOf(rows, limit, present);
  }

  /** The only moment at which the key itself is known. */
  async create({ name, role, expires_at }: CreateApiKey, creator: Principal): Promise<Plain<CreatedApiKey>> {
    const expiresAt = expires_at === undefined ? null : new Date(expires_at);
    if (expiresAt && expiresAt.getTime() <= Date.now()) throw invalid('expires_at', 'must be in the future');
    const key = `nyx_${newSecret()}`;
    const [row] = await this.database.query<ApiKeyRow>(
      `INSERT INTO api_keys (id, name, prefix, key_hash, role, created_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
      [
        ...[newId(), name, key.slice(0, SHOWN_CHARACTERS), hashOf(key), role],
        ...[creator.kind === 'user' ? creator.id : null, expiresAt],
      ],
    );
    if (!row) throw new Error('The new API key was not returned.');
    return { ...present(row), key };
  }

  /** @throws Problem NOT_FOUND */
  async revoke(id: string): Promise<void> {
    const rows = await this.database
      .transaction(async (tx) => {
        await this.notifications.notifyWith(tx, ACCESS_CHANNEL, 'keys');
        return tx.query('DELETE FROM api_keys WHERE id = $1 RETURNING id', [id]);
      })
      .finally(() => this.known.clear());
    this.markedAtMs.delete(id);
    if (rows.length === 0) throw notFound('The API key');
  }

  private async find(hash: string): Promise<Admission | undefined> {
    const [row] = await this.database.query<Pick<ApiKeyRow, 'id' | 'name' | 'role' | 'expires_at'>>(
      'SELECT id, name, role, expires_at FROM api_keys WHERE key_hash = $1',
      [hash],
    );
    if (!row) return undefined;
    const principal = { id: row.id, username: row.name, role: row.role, kind: 'api_key' } as const;
    return { principal, expiresAt: row.expires_at ?? undefined };
  }

  /** At most one write a minute and key, and nobody waits for it. */
  private markUse(id: string): void {
    const nowMs = performance.now();
    if (nowMs - (this.markedAtMs.get(id) ?? -Infinity) < MARK_USE_EVERY_MS) return;
    this.markedAtMs.set(id, nowMs);
    this.database
      .query(
        `UPDATE api_keys SET last_used_at = now()
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
        [id],
      )
      .catch((error: unknown) => this.logger.warn(error));
  }
}

const present = (row: ApiKeyRow): Plain<ApiKeyView> => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  role: row.role,
  created_by: row.created_by,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at?.toISOString() ?? null,
  last_used_at: row.last_used_at?.toISOString() ?? null,
});
