import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import type { AgentPrompt } from '../planning/prompts.js';
import type { AgentTask, WorkflowRun } from '../run/workflow-run.js';
import type { MemoryReader } from './memory-access.rules.js';
import { fitting, MemoryPrompts } from './memory-prompts.js';
import { MEMORY_COLUMNS, type MemoryRow } from './memory-rows.js';
import { MemorySearch } from './memory-search.js';
import { MemoryStore } from './memory-store.js';

/** The memories of one agent's prompts. */
export interface AgentMemories {
  /** The prompt with what is relevant to the agent's thought. Runs inside the step: it reads rows. */
  into<Prompt extends AgentPrompt>(prompt: Prompt): Promise<Prompt>;
  /** Writes down which they were. In the transaction that reserves for the call, after the agent's row is there. */
  keep(tx: Transaction): Promise<void>;
}

/**
 * What earlier work left for an agent. It is looked up for the agent's first prompt; which memories those were stands in the
 * agent's context, and its later prompts, also after a crash, show the same.
 */
@Injectable()
export class Recall {
  constructor(
    private readonly database: Database,
    private readonly search: MemorySearch,
    private readonly store: MemoryStore,
    private readonly prompts: MemoryPrompts,
  ) {}

  /** One for all prompts of the agent. */
  of(run: WorkflowRun, { agentId, thoughtId }: Pick<AgentTask, 'agentId' | 'thoughtId'>): AgentMemories {
    const { workflowId, principalId } = run;
    let isKept = false;
    let shown: readonly MemoryRow[] = [];
    return {
      into: async (prompt) => {
        const known = await this.known(agentId);
        isKept = known !== undefined;
        shown = known ?? (await this.relevant(thoughtId, { principalId, agent: { agentId, workflowId } }));
        return this.prompts.withNotes(prompt, shown, agentId);
      },
      keep: async (tx) => {
        if (isKept) return;
        const ids = shown.map(({ id }) => id);
        if (ids.length === 0) return;
        await tx.query(
          `UPDATE agents SET context = context || jsonb_build_object('memories', $2::jsonb) WHERE id = $1`,
          [agentId, JSON.stringify(ids)],
        );
        await this.store.noteUse(tx, ids);
      },
    };
  }

  /** Those of its first prompt that nobody has made NYX forget since; undefined when it had none yet. */
  private async known(agentId: string): Promise<MemoryRow[] | undefined> {
    const [agent] = await this.database.query<{ ids: string[] | null }>(
      `SELECT context->'memories' AS ids FROM agents WHERE id = $1`,
      [agentId],
    );
    if (!agent?.ids) return undefined;
    return this.database.query<MemoryRow>(
      `SELECT ${MEMORY_COLUMNS} FROM unnest($1::uuid[]) WITH ORDINALITY given(id, position) JOIN memories m ON m.id = given.id
        ORDER BY given.position`,
      [agent.ids],
    );
  }

  private async relevant(thoughtId: string, reader: MemoryReader): Promise<MemoryRow[]> {
    const [thought] = await this.database.query<{ goal: string }>('SELECT goal FROM thought_trees WHERE id = $1', [
      thoughtId,
    ]);
    const found = await this.search.related(thought?.goal ?? '', reader);
    return fitting(found.map(({ row }) => row));
  }
}
