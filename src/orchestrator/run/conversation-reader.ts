import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { ToolCall, ToolOutcome, Turn } from '../../llm/prompt-layout.js';
import type { PastTurn } from './agent-turn.js';
import { resultBytesFor, resultText, type ExecutionRow } from './tool-result.rules.js';

/** An output longer than this, as JSON, is shown as the text it is. */
const MAX_JSON_BYTES = 256 * 1024;

interface SaidRow {
  readonly id: string;
  readonly text: string | null;
  readonly tool_calls: readonly ToolCall[];
  readonly blocks: readonly object[] | null;
}

/** What an agent and its model said so far, from the rows: checkpoints name them only. For the inside of steps. */
@Injectable()
export class ConversationReader {
  constructor(private readonly database: Database) {}

  /** A call as the model made it. */
  async toolCall(interactionId: string, index: number): Promise<ToolCall> {
    const [row] = await this.database.query<{ call: ToolCall | null }>(
      'SELECT tool_calls->$2::int AS call FROM llm_interactions WHERE id = $1',
      [interactionId, index],
    );
    if (!row?.call) throw new Error(`Interaction ${interactionId} has no tool call ${index}.`);
    return row.call;
  }

  async turns(past: readonly PastTurn[]): Promise<Turn[]> {
    if (past.length === 0) return [];
    const said = await this.said(past.map(({ interactionId }) => interactionId));
    const executions = await this.executions(
      past.flatMap(({ outcomes }) =>
        outcomes.flatMap((outcome) => ('executionId' in outcome ? [outcome.executionId] : [])),
      ),
    );
    return past.map((turn) => {
      const row = said.get(turn.interactionId);
      if (row === undefined) throw new Error(`Interaction ${turn.interactionId} has no row.`);
      return {
        assistant: { text: row.text ?? '', toolCalls: row.tool_calls, blocks: row.blocks ?? undefined },
        results: resultsOf(turn, row, executions),
      };
    });
  }

  private async said(ids: readonly string[]): Promise<Map<string, SaidRow>> {
    const rows = await this.database.query<SaidRow>(
      'SELECT id, response_text AS text, tool_calls, response_blocks AS blocks FROM llm_interactions WHERE id = ANY($1::uuid[])',
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  private async executions(ids: readonly string[]): Promise<Map<string, ExecutionRow>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.query<ExecutionRow>(
      `SELECT id, CASE WHEN is_short THEN output_result END AS output,
              CASE WHEN NOT is_short THEN left(output_result::text, ${MAX_JSON_BYTES}) END AS output_text,
              stdout, stderr, exit_code, error_message, rule
         FROM (SELECT id, output_result, stdout, stderr, exit_code, error_message, rule,
                      octet_length(output_result::text) <= ${MAX_JSON_BYTES} AS is_short
                 FROM tool_executions WHERE id = ANY($1::uuid[])) e`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }
}

function resultsOf(turn: PastTurn, said: SaidRow, executions: ReadonlyMap<string, ExecutionRow>): ToolOutcome[] {
  const maxBytes = resultBytesFor(turn.outcomes.length);
  return turn.outcomes.map((outcome, index) => {
    const call = said.tool_calls[index];
    const seed = 'executionId' in outcome ? outcome.executionId : `${turn.interactionId}/${index}`;
    const row = 'executionId' in outcome ? executions.get(outcome.executionId) : undefined;
    return {
      toolCallId: call?.id ?? '',
      content: resultText(call?.name ?? '', outcome, row, seed, maxBytes),
      isError: 'error' in outcome || outcome.status !== 'succeeded',
    };
  });
}
