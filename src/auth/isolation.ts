import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Database } from '../database/database.service.js';
import { notFound } from '../http/problem.js';
import { isUuid } from '../http/uuid.rules.js';
import { ExpiringCache } from './expiring-cache.js';
import { DEPLOYMENT, IN_STATEMENT, type Owner } from './owner.js';
import type { Principal } from './principal.js';

/**
 * That a row is an owner's is remembered for so long, of so many rows. No row ever changes its owner, and one that was deleted meanwhile is
 * not found by the handler.
 */
const REMEMBERED_MS = 60_000;
const REMEMBERED = 10_000;

/** Whose rows somebody may see and act on. */
@Injectable()
export class Isolation {
  private readonly own = new ExpiringCache<void>(REMEMBERED_MS, REMEMBERED);

  constructor(
    private readonly config: AppConfig,
    private readonly database: Database,
  ) {}

  /** The id of the only principal whose rows this one has anything to do with; undefined: those of all. Admins keep the whole deployment. */
  ownerFor({ id, role }: Pick<Principal, 'id' | 'role'>): Owner {
    return this.config.isolatePrincipals && role !== 'admin' ? id : undefined;
  }

  /** The same for what runs in somebody's name: an admin's agents, too, take up nothing that is another's. */
  ownerForWorkOf(principalId: string): Owner {
    return this.config.isolatePrincipals ? principalId : undefined;
  }

  /**
   * @param parameters of the path
   * @throws Problem NOT_FOUND, in the same words, when what they name is another's and when it does not exist
   */
  async requireOwn(
    owner: string,
    parameters: Readonly<Record<string, unknown>>,
    belonging: string | undefined,
  ): Promise<void> {
    if (belonging === DEPLOYMENT || belonging === IN_STATEMENT || Object.keys(parameters).length === 0) return;
    if (belonging === undefined) throw unknown();
    const { id } = parameters;
    if (typeof id !== 'string') throw unknown();
    // The handler refuses it with 400, or finds nothing.
    if (!isUuid(id)) return;
    await this.own.get(`${owner} ${id.toLowerCase()} ${belonging}`, async () => {
      const found = await this.database.query(belonging, [id, owner]);
      if (found.length === 0) throw unknown();
    });
  }
}

const unknown = () => notFound('What the path names');
