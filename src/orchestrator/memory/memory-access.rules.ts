import type { Owner } from '../../auth/owner.js';
import type { MemoryScope, MemoryType } from './memory.values.js';

/** Where a memory belongs. Global ones have no key. */
export interface MemoryPlace {
  readonly scope: MemoryScope;
  readonly scopeKey: string | null;
}

/** Which memories can be read: everything for people, for an agent its own, its workflow's and the global ones; all only of the owner. */
export interface MemoryReader {
  readonly owner: Owner;
  readonly agent?: { readonly agentId: string; readonly workflowId: string };
}

/** The beginning of the values of every statement that reads memories. */
export const readerValues = ({
  agent,
  owner,
}: MemoryReader): readonly [string | null, string | null, string | null] => [
  agent?.workflowId ?? null,
  agent?.agentId ?? null,
  owner ?? null,
];

/** The one condition on what a reader gets to see, of a row under the alias m; its values are `readerValues`. */
export const READABLE = `((m.expires_at IS NULL OR m.expires_at > now()) AND ($3::varchar IS NULL OR m.principal_id = $3)
  AND ($1::text IS NULL OR m.scope = 'global' OR (m.scope = 'thought_tree' AND m.scope_key = $1) OR (m.scope = 'agent' AND m.scope_key = $2::text)))`;

/** The place an agent writes to, or why it may not, as a sentence. */
export function placeOfAgent(
  agent: { readonly agentId: string; readonly workflowId: string },
  given: { readonly scope: MemoryScope; readonly scopeKey?: string; readonly type?: MemoryType },
): MemoryPlace | { readonly refused: string } {
  const own = given.scope === 'agent' ? agent.agentId : given.scope === 'thought_tree' ? agent.workflowId : null;
  if (given.scope === 'session') return { refused: 'Agents have no session; they keep nothing in one.' };
  if (given.scopeKey !== undefined && given.scopeKey !== own) {
    return { refused: `An agent keeps what belongs to itself or its workflow; that is no other ${given.scope}'s.` };
  }
  if (given.scope === 'global' && given.type !== 'learning') {
    return { refused: 'Of what is for everybody, agents keep only what they learned (memory_type learning).' };
  }
  return { scope: given.scope, scopeKey: own };
}
