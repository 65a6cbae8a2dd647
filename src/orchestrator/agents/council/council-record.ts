import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.service.js';
import type { Sql, Transaction } from '../../../database/sql.js';
import { storableJson } from '../../../database/storable.js';
import { eventText } from '../../../events/event-data.js';
import { EventLog } from '../../../events/event-log.js';
import { withTransition } from '../../run/agent-states.js';
import type { WorkflowRun } from '../../run/workflow-run.js';
import type { DecisionAnswer } from './council-forms.js';
import type { Option, Statement } from './council-prompts.js';
import { memberId, type Spoken } from './council-sweep.js';
import type { Consensus, CouncilRole } from './council.rules.js';

type Said = Pick<Spoken<unknown>, 'role' | 'interactionId'>;

interface Answer {
  readonly recommendation?: string;
  readonly subtasks?: readonly { readonly title: string }[];
}

/** What is known when a council is over. */
export interface CouncilEnd {
  readonly council: string;
  readonly rounds: number;
  readonly members: readonly CouncilRole[];
  readonly consensus: Consensus | undefined;
  /** The last word of each member. */
  readonly replies: readonly Said[];
  readonly decisionId?: string;
}

/** What the members of a council said, from the rows of their calls, and the rows it leaves behind. */
@Injectable()
export class CouncilRecord {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
  ) {}

  /** In the order given. */
  async statements(said: readonly Said[]): Promise<Statement[]> {
    const answers = await this.answers(this.database, said);
    return said.map(({ role }, index) => ({ role, text: asText(answers[index] ?? {}) }));
  }

  /** What each member proposes, named by its role. */
  async proposals(said: readonly Said[]): Promise<Option[]> {
    const answers = await this.answers(this.database, said);
    return said.map(({ role }, index) => ({
      id: role,
      text: (answers[index] as Answer | undefined)?.recommendation ?? '',
    }));
  }

  /** Ends the members' agents and keeps with the thought what came of it. In the transaction of one step. */
  async end(
    tx: Transaction,
    run: WorkflowRun,
    { council, rounds, members, consensus, replies, decisionId }: CouncilEnd,
  ) {
    const answers = await this.answers(tx, replies);
    const [decision] = decisionId === undefined ? [] : await this.answers(tx, [{ interactionId: decisionId }]);
    const { subtasks = [], ...decided } = (decision ?? {}) as Partial<DecisionAnswer> & Answer;
    const result = {
      ...decided,
      consensus_level: consensus?.level ?? 'none',
      consensus: consensus?.share ?? 0,
      chosen: consensus?.winner ?? null,
      votes: consensus?.votes ?? {},
      perspectives: replies.map(({ role }, index) => ({ role, ...answers[index] })),
      ...(subtasks.length > 0 && { steps: subtasks.map(({ title }) => title) }),
      rounds,
    };
    await tx.query(
      `UPDATE thought_trees SET updated_at = now(), metadata = metadata || jsonb_build_object('councils',
              coalesce(metadata->'councils', '{}'::jsonb) || jsonb_build_object($2::text, $3::jsonb)) WHERE id = $1`,
      [run.thoughtId, council, storableJson(result)],
    );
    const ended = await tx.query<{ id: string }>(
      `UPDATE agents a SET status = 'completed', completed_at = now(), state = state || ${withTransition("'completed'")} || jsonb_build_object('result', (
              SELECT jsonb_build_object('success', true, 'turns', count(*), 'cost_usd', coalesce(sum(i.cost_usd), 0),
                                        'tokens', jsonb_build_object('input', coalesce(sum(i.token_count_input), 0), 'output', coalesce(sum(i.token_count_output), 0)),
                                        'interaction_id', (array_agg(i.id ORDER BY i.request_timestamp DESC))[1],
                                        'confidence', (array_agg(i.response->'confidence' ORDER BY i.request_timestamp DESC))[1])
                FROM llm_interactions i WHERE i.agent_id = a.id AND i.status = 'succeeded'))
        WHERE a.id = ANY($1::uuid[]) AND a.status NOT IN ('completed', 'failed', 'terminated') RETURNING a.id`,
      [members.map((role) => memberId(run, council, role))],
    );
    const recommendation = decided.recommendation ?? consensus?.winner ?? null;
    this.events.append(tx, run.workflowId, [
      ...ended.map(({ id }) => ({
        type: 'agent.completed' as const,
        data: { agent_id: id, thought_id: run.thoughtId },
      })),
      {
        type: 'workflow.progress',
        data: {
          council,
          recommendation: recommendation === null ? null : eventText(recommendation),
          consensus_level: result.consensus_level,
        },
      },
    ]);
  }

  private async answers(
    sql: Sql,
    said: readonly Pick<Said, 'interactionId'>[],
  ): Promise<(Readonly<Record<string, unknown>> | undefined)[]> {
    const rows = await sql.query<{ id: string; response: Readonly<Record<string, unknown>> }>(
      'SELECT id, response FROM llm_interactions WHERE id = ANY($1::uuid[])',
      [said.map(({ interactionId }) => interactionId)],
    );
    const byId = new Map(rows.map(({ id, response }) => [id, response]));
    return said.map(({ interactionId }) => byId.get(interactionId));
  }
}

/** An answer as the others read it: a line a member, lists with commas. */
const asText = (answer: Readonly<Record<string, unknown>>): string =>
  Object.entries(answer)
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${Array.isArray(value) ? value.join('; ') : String(value)}`)
    .join('\n');
