import type pg from 'pg';

export const ROWS = 5_000;

/** What a NYX that has run for a while has rows in; in the order in which they refer to each other. */
const FILLING: Readonly<Record<string, string>> = {
  workflows: `(id, principal_id, input_type, content, goal)
    SELECT gen_random_uuid(), 'p', 'user_prompt', '{}', 'g' FROM generate_series(1, ${ROWS})`,
  event_streams: `(workflow_id, last_seq) SELECT id, 1 FROM workflows`,
  workflow_events: `(workflow_id, seq, type) SELECT workflow_id, 1, 'x' FROM event_streams`,
  executors: `(id, status, lock_key, version) SELECT 'e' || n, 'gone', n, 'nyx-1' FROM generate_series(1, ${ROWS}) n`,
  thought_trees: `(id, root_id, goal) SELECT id, id, 'g' FROM workflows`,
  agents: `(id, thought_tree_id, agent_type, agent_class) SELECT id, id, 'task', 'c' FROM thought_trees`,
  llm_interactions: `(id, workflow_id, purpose, provider, model, status, prompt_text)
    SELECT gen_random_uuid(), id, 'x', 'offline', 'm', 'sent', 'p' FROM workflows`,
  agent_communications: `(id, sender_agent_id, thought_tree_id, workflow_id, message_type)
    SELECT gen_random_uuid(), id, id, id, 'request' FROM agents`,
};

export const FILLED = Object.keys(FILLING);

export async function fill(client: pg.Client): Promise<void> {
  for (const [table, rows] of Object.entries(FILLING)) await client.query(`INSERT INTO ${table} ${rows}`);
}
