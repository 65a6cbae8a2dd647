import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { Durable } from '../../durable/durable.service.js';
import { CONFIDENCE_MEMBER, type AnswerForm } from '../planning/answer-form.js';
import { RunReader } from '../run/run-reader.js';
import { MEMORY } from '../run/step-names.js';
import { StructuredAgent } from '../run/structured-agent.js';
import type { WorkflowRun } from '../run/workflow-run.js';
import { MemoryPrompts } from './memory-prompts.js';
import { MemoryStore } from './memory-store.js';
import { Recall, summaryIdOf } from './recall.js';

interface Summary {
  readonly summary: string;
}

const SUMMARY_FORM: AnswerForm = {
  name: 'summary',
  unusableCode: 'SUMMARY_UNUSABLE',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['summary'],
    properties: {
      summary: { type: 'string', description: 'The note that stands for all of them.' },
      confidence: CONFIDENCE_MEMBER,
    },
  },
};

/**
 * The agent that condenses what a workflow remembers when that is too much for a prompt. The summary is a memory of the workflow, which
 * its other agents find too.
 */
@Injectable()
export class MemoryAgent {
  constructor(
    private readonly agents: StructuredAgent,
    private readonly durable: Durable,
    private readonly recall: Recall,
    private readonly store: MemoryStore,
    private readonly reader: RunReader,
    private readonly prompts: MemoryPrompts,
  ) {}

  /** Without a usable summary the workflow goes on with what there is room for, and says so. */
  async summarise(run: WorkflowRun): Promise<void> {
    const task = { agentId: derivedId(run.thoughtId, 'memory'), thoughtId: run.thoughtId };
    const sources = this.recall.sources(run, task);
    const outcome = await this.agents.runToEnd<Summary, null>(run, {
      ...task,
      agentType: 'memory',
      agentClass: 'content_summary',
      purpose: MEMORY,
      form: SUMMARY_FORM,
      // A mistake is not told: the form is all that can be wrong.
      prompt: async () => this.prompts.summary(await this.reader.briefAt(run), await sources.read(), task.agentId),
      started: (tx) => sources.keep(tx),
      mistakes: ({ summary }) => (summary.trim() === '' ? ['the summary is empty'] : []),
      // It stands in the interaction's row.
      keep: () => null,
    });
    await this.durable.commit(`${MEMORY}:write`, async (tx) => {
      if (!outcome.ok) return this.warn(tx, run, outcome.message);
      await this.write(tx, run, task.agentId, outcome.interactionId);
      return null;
    });
  }

  private async write(tx: Transaction, run: WorkflowRun, agentId: string, interactionId: string): Promise<void> {
    const { workflowId, thoughtId, principalId } = run;
    const [row] = await tx.query<{ summary: string; sources: string[] | null }>(
      `SELECT i.response->>'summary' AS summary, a.context->'memories' AS sources
         FROM llm_interactions i JOIN agents a ON a.id = $2 WHERE i.id = $1`,
      [interactionId, agentId],
    );
    if (row === undefined) throw new Error(`The summary ${interactionId} has no row.`);
    await this.store.add(tx, {
      id: summaryIdOf(thoughtId),
      scope: 'thought_tree',
      scopeKey: workflowId,
      type: 'context',
      content: row.summary,
      metadata: { workflow_id: workflowId, agent_id: agentId, summary_of: row.sources ?? [] },
      principalId,
    });
  }

  private async warn(tx: Transaction, { workflowId }: WorkflowRun, why: string): Promise<{ warnings: string[] }> {
    const warning = `What was remembered was too much for one prompt and was not condensed; a part of it was shown: ${why}`;
    await tx.query('UPDATE workflows SET warnings = warnings || $2::jsonb WHERE id = $1', [
      workflowId,
      storableJson([warning]),
    ]);
    // By it a retry that asks again knows what to take back.
    return { warnings: [warning] };
  }
}
