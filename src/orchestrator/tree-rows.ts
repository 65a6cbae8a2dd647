import type { OrchestratorView, AgentView } from './agents/dto/agent.dto.js';
import type { ThoughtView } from './thoughts/dto/thought.dto.js';

/** Columns of the rows that the API shows as they are, under the names clients know. */
export const THOUGHT_COLUMNS = `t.id, t.parent_id, t.root_id, t.goal, t.status, t.depth, t.created_at, t.updated_at, t.completed_at,
  t.annotations || t.metadata AS metadata, t.success_score, t.quality_score, t.speed_score, t.usefulness_score, t.overall_weight, t.importance_level`;

export const AGENT_COLUMNS = `a.id, a.thought_tree_id, a.agent_type, a.agent_class, a.status, a.spawned_by, a.created_at, a.completed_at,
  a.max_recursion_depth, a.current_recursion_depth, a.context, a.state`;

export const ORCHESTRATOR_COLUMNS = `o.id, o.parent_orchestrator_id, o.thought_tree_id, o.orchestrator_type, o.status, o.created_at,
  o.completed_at, o.max_concurrent_agents, o.global_context,
  (SELECT count(*)::int FROM agents a WHERE a.spawned_by = o.id AND a.status IN ('active', 'waiting', 'coordinating')) AS current_active_agents`;

type Times = 'created_at' | 'updated_at' | 'completed_at';
/** A view as the database gives it: times are dates, or texts inside aggregated JSON. */
export type Row<View> = {
  [Key in keyof View]: Key extends Times ? Date | string | Extract<View[Key], null> : View[Key];
};

/** A DTO as the plain object it is. */
export type Shape<Dto> = { [Key in keyof Dto]: Dto[Key] };

export type ThoughtRow = Row<ThoughtView>;
export type AgentRow = Row<AgentView>;
export type OrchestratorRow = Row<OrchestratorView>;

export const isoTime = (at: Date | string): string => new Date(at).toISOString();

const isoTimeOrNull = (at: Date | string | null): string | null => (at === null ? null : isoTime(at));

export const presentThought = (row: ThoughtRow): Shape<ThoughtView> => ({
  ...row,
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
  completed_at: isoTimeOrNull(row.completed_at),
});

export const presentAgent = (row: AgentRow): AgentView => ({
  ...row,
  created_at: isoTime(row.created_at),
  completed_at: isoTimeOrNull(row.completed_at),
});

export const presentOrchestrator = (row: OrchestratorRow): OrchestratorView => ({
  ...row,
  created_at: isoTime(row.created_at),
  completed_at: isoTimeOrNull(row.completed_at),
});
