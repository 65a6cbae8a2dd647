import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
import { type ParametersSchema, Tool, type ToolContext, ToolRefusal, type ToolResult } from '../../tools/tool.js';
import { MESSAGE_TYPES, type MessageType } from '../agents/agent.values.js';
import { Communications } from './communications.js';

type CommunicateParameters = {
  readonly to_agent_id?: string;
  readonly message_type: MessageType;
  readonly content: string;
};

const MAX_CONTENT = 4000;
/** Of one workflow: agents that talk to each other for ever end some time. */
const MAX_MESSAGES = 200;
const MAX_LISTED = 20;

/** An agent tells other agents of its workflow something. */
@Injectable()
export class CommunicateTool extends Tool<CommunicateParameters> {
  readonly name = 'communicate';
  readonly description =
    'Sends a message to another agent of your workflow, or to all of them. They see it with what they are asked next. ' +
    'The answer names the agents that are at work.';
  readonly operations = [];
  readonly risk = 'write';
  readonly parametersSchema: ParametersSchema = {
    type: 'object',
    properties: {
      to_agent_id: { type: 'string', format: 'uuid', description: 'Default: all agents of the workflow.' },
      message_type: { type: 'string', enum: MESSAGE_TYPES },
      content: { type: 'string', minLength: 1, maxLength: MAX_CONTENT },
    },
    required: ['message_type', 'content'],
    additionalProperties: false,
  };

  constructor(
    private readonly database: Database,
    private readonly communications: Communications,
  ) {
    super();
  }

  /** Its id is that of the run: sent twice, it is there once. */
  override isRepeatable(): boolean {
    return true;
  }

  async run(parameters: CommunicateParameters, { caller, executionId }: ToolContext): Promise<ToolResult> {
    if (caller.kind !== 'agent') throw new ToolRefusal('agents_only', 'Only agents send messages to agents.');
    const { to_agent_id: receiverAgentId = null, message_type: messageType, content } = parameters;
    const { agentId, workflowId } = caller;
    const id = derivedId('message', executionId);
    const message = { id, senderAgentId: agentId, receiverAgentId, messageType, content: { text: content } };
    const isSent = await this.database.transaction(async (tx) => {
      if (await this.isFull(tx, workflowId, id))
        throw new ToolRefusal('message_limit', `A workflow has at most ${MAX_MESSAGES} messages.`);
      return this.communications.send(tx, { workflowId }, message);
    });
    const agents = await this.atWork(workflowId, agentId);
    if (isSent) return { success: true, output: { message_id: id, agents_at_work: agents } };
    const errorMessage = `${String(receiverAgentId)} is no agent of this workflow.`;
    return { success: false, output: { agents_at_work: agents }, errorMessage };
  }

  /** Under the lock of the workflow's row: those that send at once are counted one after the other. What was sent before has its place. */
  private async isFull(tx: Transaction, workflowId: string, id: string): Promise<boolean> {
    await tx.query('SELECT FROM workflows WHERE id = $1 FOR NO KEY UPDATE', [workflowId]);
    const [row] = await tx.query<{ is_full: boolean }>(
      `SELECT count(*) >= ${MAX_MESSAGES} AND NOT coalesce(bool_or(id = $2), false) AS is_full
         FROM agent_communications WHERE workflow_id = $1`,
      [workflowId, id],
    );
    return row?.is_full === true;
  }

  private atWork(workflowId: string, agentId: string): Promise<{ agent_id: string; role: string; subtask: string }[]> {
    return this.database.query(
      `SELECT a.id AS agent_id, a.agent_class AS role, left(t.goal, 100) AS subtask
         FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id
        WHERE t.root_id = $1 AND a.id <> $2 AND a.status NOT IN ('completed', 'failed', 'terminated')
        ORDER BY a.created_at, a.id LIMIT ${MAX_LISTED}`,
      [workflowId, agentId],
    );
  }
}
