import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import type { MessageType } from '../agents/agent.values.js';

export interface NewMessage {
  /** Derived from the step that sends it: sent twice, it is there once. */
  readonly id: string;
  readonly senderAgentId: string;
  /** Null: all agents of the workflow, those that begin later too. */
  readonly receiverAgentId: string | null;
  readonly messageType: MessageType;
  /** JSON; what stands in its `text` is shown as text. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** What agents of one workflow tell each other. */
@Injectable()
export class Communications {
  /**
   * Belongs in the transaction of what it tells of: the message is there if and only if that is.
   * @returns false, and then nothing was sent, when sender or receiver is no agent of the workflow
   */
  async send(tx: Sql, { workflowId }: { readonly workflowId: string }, message: NewMessage): Promise<boolean> {
    const { id, senderAgentId, receiverAgentId, messageType, content } = message;
    const sent = await tx.query(
      `INSERT INTO agent_communications (id, sender_agent_id, receiver_agent_id, thought_tree_id, workflow_id, message_type, content)
       SELECT $1::uuid, sender.id, $3::uuid, sender.thought_tree_id, $4::uuid, $5, $6::jsonb
         FROM agents sender JOIN thought_trees home ON home.id = sender.thought_tree_id
        WHERE sender.id = $2 AND home.root_id = $4
          AND ($3::uuid IS NULL OR EXISTS (SELECT FROM agents receiver JOIN thought_trees t ON t.id = receiver.thought_tree_id
                                            WHERE receiver.id = $3 AND t.root_id = $4))
       ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING id`,
      [id, senderAgentId, receiverAgentId, workflowId, messageType, storableJson(content)],
    );
    return sent.length > 0;
  }
}
