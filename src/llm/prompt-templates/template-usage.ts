import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { Recovery } from '../../durable/recovery.service.js';
import { lockVersions } from './version-rows.js';

const BATCH = 5_000;
/** Bounds how long a sweep is kept from what else it has to do. */
const BATCHES_PER_SWEEP = 4;

/** Uses of each version among rows of prompt_template_uses: `name`, `version`, `uses`, `successes`. */
const sumsOf = (uses: string): string => `
  SELECT part.name, part.version, count(*) AS uses, count(*) FILTER (WHERE u.success) AS successes
    FROM ${uses} u, LATERAL (
      SELECT u.template_name AS name, u.template_version AS version
      UNION ALL
      SELECT o.name, o.version FROM jsonb_to_recordset(u.other_templates) AS o(name text, version integer)
    ) part GROUP BY part.name, part.version`;

/** What is not yet in the figures of prompt_templates, to be added when they are shown. Of a few seconds' calls at most. */
export const UNCOUNTED_USES = sumsOf('prompt_template_uses');

const COUNT = `
  WITH taken AS (
    DELETE FROM prompt_template_uses
     WHERE interaction_id IN (SELECT interaction_id FROM prompt_template_uses LIMIT ${BATCH})
    RETURNING template_name, template_version, other_templates, success
  ), sums AS (${sumsOf('taken')}
  ), counted AS (
    UPDATE prompt_templates p SET usage_count = p.usage_count + s.uses, success_count = p.success_count + s.successes,
           success_rate = (p.success_count + s.successes)::float8 / (p.usage_count + s.uses)
      FROM sums s WHERE p.name = s.name AND p.version = s.version
  )
  SELECT count(*)::int AS taken FROM taken`;

/**
 * Counts how often each version was used and how often that brought what was asked for. The transaction that ends a call only adds
 * a row of its own; with every sweep those rows turn into figures in one statement, so each call is counted once, whenever it crashes.
 */
@Injectable()
export class TemplateUsage {
  constructor(
    private readonly database: Database,
    recovery: Recovery,
  ) {
    recovery.onSweep(() => this.count());
  }

  private async count(): Promise<void> {
    for (let batch = 0; batch < BATCHES_PER_SWEEP; batch += 1) {
      if ((await this.database.query('SELECT 1 FROM prompt_template_uses LIMIT 1')).length === 0) return;
      const [row] = await this.database.transaction(async (tx) => {
        await lockVersions(tx);
        return tx.query<{ taken: number }>(COUNT);
      });
      if ((row?.taken ?? 0) < BATCH) return;
    }
  }
}
