import { Injectable } from '@nestjs/common';
import { Isolation } from '../../auth/isolation.js';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import type { AgentPrompt } from '../planning/prompts.js';
import type { Unmet } from '../run/agent-call.js';
import type { AgentTask, WorkflowRun } from '../run/workflow-run.js';
import type { MemoryReader } from './memory-access.rules.js';
import { MemoryPrompts } from './memory-prompts.js';
import { MEMORY_COLUMNS, type MemoryRow } from './memory-rows.js';
import { MemorySearch } from './memory-search.js';
import { MemoryStore } from './memory-store.js';
import { fitting, isWorthSummary } from './note-room.rules.js';

/** The memories of one agent's prompts. */
export interface AgentMemories {
  /** The prompt with what is relevant to the agent's thought. Runs inside the step: it reads rows. */
  into<Prompt extends AgentPrompt>(prompt: Prompt): Promise<Prompt>;
  /** The same, unless what is relevant is so much that it is better condensed first. */
  intoUnlessTooMuch<Prompt extends AgentPrompt>(prompt: Prompt): Promise<Prompt | Unmet>;
  /** Writes down which they were. In the transaction that reserves for the call, after the agent's row is there. */
  keep(tx: Transaction): Promise<void>;
}

type Agent = Pick<AgentTask, 'agentId' | 'thoughtId'>;

/** Of the memory that stands for all that an agent of a thought would be shown. */
export const summaryIdOf = (thoughtId: string): string => derivedId(thoughtId, 'memory', 'summary');

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
    private readonly isolation: Isolation,
  ) {}

  /** One for all prompts of the agent. */
  of(run: WorkflowRun, agent: Agent): AgentMemories {
    let isKept = false;
    let shown: readonly MemoryRow[] = [];
    const noted = <Prompt extends AgentPrompt>(prompt: Prompt, memories: readonly MemoryRow[]): Prompt => {
      shown = memories;
      return this.prompts.withNotes(prompt, shown, agent.agentId);
    };
    const before = async (): Promise<readonly MemoryRow[] | undefined> => {
      const known = await this.known(agent.agentId);
      isKept = known !== undefined;
      return known ?? (await this.summary(agent.thoughtId));
    };
    return {
      into: async (prompt) => noted(prompt, (await before()) ?? fitting(await this.relevant(run, agent))),
      intoUnlessTooMuch: async (prompt) => {
        const given = await before();
        if (given !== undefined) return noted(prompt, given);
        const relevant = await this.relevant(run, agent);
        if (isWorthSummary(relevant)) return { unmet: ['a summary of what is remembered'] };
        return noted(prompt, fitting(relevant));
      },
      keep: async (tx) => {
        if (!isKept) await this.keep(tx, agent.agentId, shown);
      },
    };
  }

  /** All that is relevant to the thought of a memory agent, for each of its prompts the same. */
  sources(
    run: WorkflowRun,
    agent: Agent,
  ): { read(): Promise<readonly MemoryRow[]>; keep(tx: Transaction): Promise<void> } {
    let read: readonly MemoryRow[] = [];
    return {
      read: async () => (read = (await this.known(agent.agentId)) ?? (await this.relevant(run, agent))),
      keep: (tx) => this.keep(tx, agent.agentId, read),
    };
  }

  private async keep(tx: Transaction, agentId: string, memories: readonly MemoryRow[]): Promise<void> {
    const ids = memories.map(({ id }) => id);
    // Also that there were none: a prompt that is made again shows no others.
    await tx.query(`UPDATE agents SET context = context || jsonb_build_object('memories', $2::jsonb) WHERE id = $1`, [
      agentId,
      storableJson(ids),
    ]);
    await this.store.noteUse(tx, ids);
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

  private async summary(thoughtId: string): Promise<MemoryRow[] | undefined> {
    const rows = await this.database.query<MemoryRow>(`SELECT ${MEMORY_COLUMNS} FROM memories m WHERE m.id = $1`, [
      summaryIdOf(thoughtId),
    ]);
    return rows.length === 0 ? undefined : rows;
  }

  private async relevant(
    { workflowId, principalId }: WorkflowRun,
    { agentId, thoughtId }: Agent,
  ): Promise<readonly MemoryRow[]> {
    const reader: MemoryReader = {
      owner: this.isolation.ownerForWorkOf(principalId),
      agent: { agentId, workflowId },
    };
    const [thought] = await this.database.query<{ goal: string }>('SELECT goal FROM thought_trees WHERE id = $1', [
      thoughtId,
    ]);
    const found = await this.search.related(thought?.goal ?? '', reader);
    return found.map(({ row }) => row);
  }
}
