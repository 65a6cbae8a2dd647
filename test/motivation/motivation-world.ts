import { newId } from '../../src/database/ids.js';
import type { Database } from '../../src/database/database.service.js';
import type { Transaction } from '../../src/database/sql.js';
import type { Outlook } from '../../src/motivation/motivations/motivation.js';

const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const minutes = (count: number): number => count * MINUTE;
export const hours = (count: number): number => count * HOUR;

interface WorkflowFacts {
  readonly status: 'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled';
  readonly origin: 'user' | 'motivation' | 'schedule';
  readonly goal: string;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly result: string | null;
  readonly strategy: string | null;
  readonly parentId: string | null;
  /** Seconds ago; the end of one that has ended. */
  readonly ended: number;
  readonly created: number;
  readonly touched: number;
  readonly paused: number | null;
}

class RolledBack extends Error {}

/** Rows of one transaction that is rolled back, so that nothing but the test's own conditions sees them. Ages are in seconds. */
export class World {
  private constructor(readonly tx: Transaction) {}

  static async visit(database: Database, work: (world: World) => Promise<void>): Promise<void> {
    try {
      await database.transaction(async (tx) => {
        await work(new World(tx));
        throw new RolledBack();
      });
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error;
    }
  }

  async outlook(isSafe = true): Promise<Outlook> {
    const [row] = await this.tx.query<{ now: Date }>('SELECT now() AS now');
    if (row === undefined) throw new Error('PostgreSQL has no time.');
    return { now: row.now, isSafe };
  }

  async workflow(facts: Partial<WorkflowFacts> = {}): Promise<string> {
    const id = newId();
    const { status = 'failed', ended = HOUR, created = ended + HOUR, touched = Math.min(ended, created) } = facts;
    const { origin = 'user', goal = 'Count the clips.', strategy = null, parentId = null, paused = null } = facts;
    const { errorCode = null, errorMessage = null, result = null } = facts;
    const isEnded = ['completed', 'failed', 'cancelled'].includes(status);
    await this.tx.query(
      `INSERT INTO workflows (id, principal_id, origin, input_type, content, goal, status, strategy, error_code, error_message,
              result_content, parent_workflow_id, created_at, updated_at, completed_at, paused_at, clock_stopped_at)
       VALUES ($1, 'somebody', $2, 'user_prompt', jsonb_build_object('prompt', $3::text), $3::text, $4, $5, $6, $7, $8, $9,
               now() - make_interval(secs => $10), now() - make_interval(secs => $11),
               CASE WHEN $12::boolean THEN now() - make_interval(secs => $13) END, now() - make_interval(secs => $14),
               now() - make_interval(secs => $14))`,
      [
        id,
        origin,
        goal,
        status,
        strategy,
        errorCode,
        errorMessage,
        result,
        parentId,
        created,
        touched,
        isEnded,
        ended,
        paused,
      ],
    );
    await this.thought({ id, rootId: id, goal, status, created, ended: isEnded ? ended : null, touched });
    return id;
  }

  async thought(facts: {
    id?: string;
    rootId: string;
    goal?: string;
    status?: string;
    created?: number;
    ended?: number | null;
    touched?: number;
    position?: number;
  }): Promise<string> {
    const {
      id = newId(),
      rootId,
      goal = 'A part of it',
      status = 'pending',
      created = hours(100),
      position = 0,
    } = facts;
    const { ended = null, touched = created } = facts;
    await this.tx.query(
      `INSERT INTO thought_trees (id, root_id, parent_id, goal, status, depth, position, created_at, updated_at, completed_at)
       VALUES ($1::uuid, $2::uuid, CASE WHEN $1::uuid <> $2::uuid THEN $2::uuid END, $3, $4,
               CASE WHEN $1::uuid <> $2::uuid THEN 1 ELSE 0 END, $5,
               now() - make_interval(secs => $6), now() - make_interval(secs => $7), now() - make_interval(secs => $8))`,
      [id, rootId, goal, status, position, created, touched, ended],
    );
    return id;
  }

  /** A model call whose answer is the result of its thought. */
  async answer(facts: {
    workflowId: string;
    thoughtId?: string;
    confidence: number | null;
    text?: string;
    age?: number;
    isResult?: boolean;
  }): Promise<string> {
    const id = newId();
    const {
      workflowId,
      thoughtId = workflowId,
      confidence,
      text = 'Maybe twelve.',
      age = HOUR,
      isResult = true,
    } = facts;
    await this.tx.query(
      `INSERT INTO llm_interactions (id, workflow_id, thought_tree_id, origin, purpose, provider, model, status, success, prompt_text,
              response_text, confidence, request_timestamp)
       SELECT $1, w.id, $3, w.origin, 'direct', 'offline', 'm', 'succeeded', true, 'p', $4, $5, now() - make_interval(secs => $6)
         FROM workflows w WHERE w.id = $2`,
      [id, workflowId, thoughtId, text, confidence, age],
    );
    if (isResult) {
      await this.tx.query(
        `UPDATE thought_trees SET metadata = metadata || jsonb_build_object('result_from', $2::text) WHERE id = $1`,
        [thoughtId, id],
      );
    }
    return id;
  }

  async run(facts: {
    tool: string;
    status?: 'failed' | 'succeeded' | 'refused' | 'unknown';
    error?: string;
    input?: object;
    age?: number;
  }): Promise<string> {
    const id = newId();
    const { tool, status = 'failed', error = 'It broke.', input = {}, age = minutes(5) } = facts;
    await this.tx.query(
      `INSERT INTO tool_executions (id, tool_name, tool_class, status, success, error_message, input_parameters, principal_id,
              executor_id, claim_id, started_at, completed_at)
       VALUES ($1::uuid, $2, 'T', $3::varchar, $3::varchar = 'succeeded', $4, $5, 'somebody', 'here', $1::uuid, now() - make_interval(secs => $6::float8 + 1),
               now() - make_interval(secs => $6::float8))`,
      [id, tool, status, error, input, age],
    );
    return id;
  }

  async agent(thoughtId: string, status = 'active'): Promise<void> {
    await this.tx.query(
      `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class, status) VALUES ($1, $2, 'task', 'c', $3)`,
      [newId(), thoughtId, status],
    );
  }

  async approval(workflowId: string): Promise<void> {
    await this.tx.query(
      `INSERT INTO approvals (id, workflow_id, kind, arguments_hash, reason, deadline_at)
       VALUES ($1, $2, 'tool_call', 'h', 'May it?', now() + interval '1 day')`,
      [newId(), workflowId],
    );
  }

  async event(workflowId: string, age: number): Promise<void> {
    await this.tx.query('INSERT INTO event_streams (workflow_id, last_seq) VALUES ($1, 1)', [workflowId]);
    await this.tx.query(
      `INSERT INTO workflow_events (workflow_id, seq, type, at) VALUES ($1, 1, 'workflow.progress', now() - make_interval(secs => $2))`,
      [workflowId, age],
    );
  }

  async memory(facts: {
    content?: string;
    scope?: string;
    age?: number;
    metadata?: object;
    expiresIn?: number;
  }): Promise<string> {
    const id = newId();
    const {
      content = 'Clips are in the drawer.',
      scope = 'global',
      age = hours(2),
      metadata = {},
      expiresIn = HOUR,
    } = facts;
    await this.tx.query(
      `INSERT INTO memories (id, scope, scope_key, memory_type, content, search, metadata, created_at, expires_at)
       VALUES ($1, $2::varchar, CASE WHEN $2::varchar <> 'global' THEN 'k' END, 'learning', $3, '', $4, now() - make_interval(secs => $5),
               now() + make_interval(secs => $6))`,
      [id, scope, content, metadata, age, expiresIn],
    );
    return id;
  }

  /** @param forSeconds how long still; negative: it was until then */
  async take(type: string, target: string, forSeconds = HOUR): Promise<void> {
    await this.tx.query(
      `INSERT INTO motivational_targets (motivation_type, target, taken_until) VALUES ($1, $2, now() + make_interval(secs => $3))`,
      [type, target, forSeconds],
    );
  }
}
