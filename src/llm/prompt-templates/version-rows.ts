import { ADVISORY_LOCKS } from '../../database/advisory-locks.js';
import { newId } from '../../database/ids.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import type { TemplateType } from './prompt-template.values.js';
import type { TemplateText } from './template.rules.js';

/** Tells of names whose versions changed. */
export const CHANNEL = 'nyx_prompt_templates';

export interface NewVersion extends TemplateText {
  readonly name: string;
  readonly type: TemplateType;
  readonly createdBy: string;
  readonly activate: boolean;
}

/** Until the end of the transaction nobody else adds, activates, deletes or counts: versions get their numbers one at a time. */
export async function lockVersions(tx: Transaction): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.promptVersions]);
}

/** Adds the next version of a name, under `lockVersions`. @returns its id */
export async function addVersion(tx: Transaction, version: NewVersion): Promise<string> {
  const id = newId();
  if (version.activate) await deactivate(tx, version.name);
  await tx.query(
    `INSERT INTO prompt_templates (id, name, template_type, content, variables, version, is_active, activated_at, created_by, created_at, updated_at)
     SELECT $1::uuid, $2::text, $3::text, $4::text, $5::jsonb, coalesce(max(version), 0) + 1, $6::boolean,
            CASE WHEN $6::boolean THEN clock_timestamp() END, $7::text,
            clock_timestamp(), clock_timestamp()
       FROM prompt_templates WHERE name = $2::text`,
    [
      id,
      version.name,
      version.type,
      version.content,
      storableJson(version.variables),
      version.activate,
      version.createdBy,
    ],
  );
  await announce(tx, version.name);
  return id;
}

/** Makes this version the active one of its name, under `lockVersions`. */
export async function activateVersion(tx: Transaction, id: string, name: string): Promise<void> {
  await deactivate(tx, name);
  await tx.query(
    'UPDATE prompt_templates SET is_active = true, activated_at = clock_timestamp(), updated_at = clock_timestamp() WHERE id = $1',
    [id],
  );
  await announce(tx, name);
}

/** With the commit: a process that dies right after it leaves no replica with the version from before. */
async function announce(tx: Transaction, name: string): Promise<void> {
  await tx.query('SELECT pg_notify($1, $2)', [CHANNEL, name]);
}

async function deactivate(sql: Sql, name: string): Promise<void> {
  await sql.query(
    'UPDATE prompt_templates SET is_active = false, updated_at = clock_timestamp() WHERE name = $1 AND is_active',
    [name],
  );
}
