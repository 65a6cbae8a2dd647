import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { invalid, notFound } from '../../http/problem.js';
import { presentThought, THOUGHT_COLUMNS, type ThoughtRow } from '../tree-rows.js';
import type { ThoughtChange, ThoughtView } from './dto/thought.dto.js';

/** Of all notes on one thought, as JSON. */
const MAX_BYTES = 16_384;

interface NotedRow {
  metadata: Record<string, unknown>;
  annotations: Record<string, unknown>;
}

/** What people say about thoughts. It stands beside the metadata by which workflows run, which nobody can change. */
@Injectable()
export class ThoughtAnnotations {
  constructor(private readonly database: Database) {}

  /** @throws Problem NOT_FOUND, VALIDATION_ERROR */
  change(id: string, { importance_level: importance, metadata: notes }: ThoughtChange): Promise<ThoughtView> {
    if (importance === undefined && (notes ?? undefined) === undefined)
      throw invalid('importance_level', 'or metadata has to be given');
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<NotedRow>(
        'SELECT metadata, annotations FROM thought_trees WHERE id = $1 FOR NO KEY UPDATE',
        [id],
      );
      if (row === undefined) throw notFound(`Thought ${id}`);
      const [changed] = await tx.query<ThoughtRow>(
        `UPDATE thought_trees t SET importance_level = coalesce($2, importance_level), annotations = $3, updated_at = now()
          WHERE id = $1 RETURNING ${THOUGHT_COLUMNS}`,
        [id, importance ?? null, noted(row, notes ?? {})],
      );
      if (changed === undefined) throw notFound(`Thought ${id}`);
      return presentThought(changed);
    });
  }
}

/** The annotations with the changes: RFC 7396 for the top level. */
function noted({ metadata, annotations }: NotedRow, changes: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.keys(changes).find((name) => Object.hasOwn(metadata, name));
  if (kept !== undefined) throw invalid(`metadata.${kept}`, 'is kept by NYX');
  const all = Object.entries({ ...annotations, ...changes }).filter(([, value]) => value !== null);
  const changed = Object.fromEntries(all);
  if (Buffer.byteLength(JSON.stringify(changed)) > MAX_BYTES)
    throw invalid('metadata', `must have at most ${MAX_BYTES} bytes in all`);
  return changed;
}
