import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { Audit, type AuditEntry } from '../../auth/audit/audit.service.js';
import type { Transaction } from '../../database/sql.js';
import { currentRequestId } from '../../http/request-context.js';

/** A workflow that nobody asked for by a request of their own. */
export interface OwnStart {
  readonly workflowId: string;
  readonly by:
    | { readonly kind: 'schedule' | 'trigger'; readonly id: string; readonly ownerId: string }
    | { readonly kind: 'engine' };
}

type Actor = NonNullable<AuditEntry['actor']>;

const ENGINE: Actor = { id: 'autonomous', username: 'autonomous', kind: 'engine', role: 'none' };

/** Puts on record what NYX starts by itself: for whom, by what. */
@Injectable()
export class StartRecord {
  constructor(private readonly audit: Audit) {}

  /** In the transaction that accepts them, and last in it: writers of the log wait for each other until they commit. */
  async write(tx: Transaction, starts: readonly OwnStart[]): Promise<void> {
    if (starts.length === 0) return;
    const owners = await ownersOf(tx, starts);
    await this.audit.recordAll(
      starts.map(({ workflowId, by }) => ({
        actor: by.kind === 'engine' ? ENGINE : owners.get(by.ownerId),
        action: `${by.kind}StartsWorkflow`,
        method: '-',
        path: by.kind === 'engine' ? '/api/v1/motivational/engine' : `/api/v1/orchestrator/${by.kind}s/${by.id}`,
        target: `workflow_id=${workflowId}`,
        outcome: 'done',
        address: undefined,
        requestId: currentRequestId(),
      })),
      tx,
    );
  }
}

/** As they are called now; who is not (any more) known here by a name is told by the id alone. */
async function ownersOf(tx: Transaction, starts: readonly OwnStart[]): Promise<ReadonlyMap<string, Actor>> {
  const ids = starts.flatMap(({ by }) => (by.kind === 'engine' ? [] : [by.ownerId]));
  const actors = new Map<string, Actor>(ids.map((id) => [id, { id, username: id, kind: 'unknown', role: 'none' }]));
  const known = ids.filter((id) => isUUID(id));
  if (known.length === 0) return actors;
  const rows = await tx.query<Actor>(
    `SELECT id::text AS id, username, 'user' AS kind, role FROM users WHERE id = ANY($1::uuid[])
     UNION ALL SELECT id::text, name, 'api_key', role FROM api_keys WHERE id = ANY($1::uuid[])`,
    [known],
  );
  for (const actor of rows) actors.set(actor.id, actor);
  return actors;
}
