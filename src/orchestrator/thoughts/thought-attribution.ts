import { Injectable } from '@nestjs/common';
import { Attributions, type Attribution } from '../../auth/attributions.js';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import { invalid } from '../../http/problem.js';

/** Knows the thoughts and agents that single calls and runs of tools are shown with. */
@Injectable()
export class ThoughtAttribution {
  constructor(
    attributions: Attributions,
    private readonly database: Database,
  ) {
    attributions.register((attribution, owner) => this.check(attribution, owner));
  }

  private async check({ thoughtId, agentId }: Attribution, owner: Owner): Promise<void> {
    const values: unknown[] = [thoughtId ?? null, agentId ?? null];
    const own = ofOwner(owner, values, 't.root_id IN (SELECT id FROM workflows WHERE principal_id = ?)');
    const [found] = await this.database.query<{ thought: string | null; home: string | null }>(
      `SELECT (SELECT t.id FROM thought_trees t WHERE t.id = $1${own}) AS thought,
              (SELECT a.thought_tree_id FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE a.id = $2${own}) AS home`,
      values,
    );
    if (thoughtId !== undefined && !found?.thought) throw invalid('thought_tree_id', 'no such thought');
    if (agentId !== undefined && !found?.home) throw invalid('agent_id', 'no such agent');
    if (thoughtId !== undefined && agentId !== undefined && found?.home !== found?.thought) {
      throw invalid('agent_id', 'is not an agent of that thought');
    }
  }
}
