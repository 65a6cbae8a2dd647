import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { ToolCall, ToolOutcome, Turn } from '../../llm/prompt-layout.js';
import type { CallOutcome, PastTurn } from './agent-turn.js';
import { resultBytesFor, resultText, type ExecutionRow } from './tool-result.rules.js';

/** An output longer than this, as JSON, is shown as the text it is. */
const MAX_JSON_BYTES = 256 * 1024;
/** Of a longer text only so many characters of its beginning and of its end are read: more than is ever shown. */
const END_CHARS = 64 * 1024;
/** Results that are held at a time: what is shown of them is a small part. */
const READ_AT_ONCE = 32;

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

  /** @param turnBytes that the results of one turn may have together; the same for all turns of an agent, whose past stays as it was sent */
  async turns(past: readonly PastTurn[], turnBytes: number): Promise<Turn[]> {
    if (past.length === 0) return [];
    const said = await this.said(past.map(({ interactionId }) => interactionId));
    const results = await this.results(
      past.flatMap((turn) => toldCalls(turn, said.get(turn.interactionId), turnBytes)),
    );
    return past.map((turn) => {
      const row = said.get(turn.interactionId);
      if (row === undefined) throw new Error(`Interaction ${turn.interactionId} has no row.`);
      return {
        assistant: { text: row.text ?? '', toolCalls: row.tool_calls, blocks: row.blocks ?? undefined },
        results: results.splice(0, turn.outcomes.length),
      };
    });
  }

  /** One for each call, in their order. */
  private async results(calls: readonly ToldCall[]): Promise<ToolOutcome[]> {
    const results: ToolOutcome[] = [];
    for (let at = 0; at < calls.length; at += READ_AT_ONCE) {
      const some = calls.slice(at, at + READ_AT_ONCE);
      const rows = await this.executions(
        some.flatMap(({ outcome }) => ('executionId' in outcome ? [outcome.executionId] : [])),
      );
      results.push(...some.map((call) => resultOf(call, rows)));
    }
    return results;
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
    const rows = await this.database.query<ExecutionRow>(EXECUTIONS, [ids]);
    return new Map(rows.map((row) => [row.id, row]));
  }
}

const endsOf = (text: string): string =>
  `CASE WHEN octet_length(${text}) <= ${2 * END_CHARS} THEN ${text} ELSE left(${text}, ${END_CHARS}) || right(${text}, ${END_CHARS}) END`;

/** `OFFSET 0`: each long text is made once, not once for each mention. */
const EXECUTIONS = `
  SELECT id, exit_code, error_message, rule, CASE WHEN is_short THEN output_result END AS output, output_text, stdout, stderr,
         coalesce(octet_length(whole_output) - octet_length(output_text), 0)
           + coalesce(octet_length(whole_stdout) - octet_length(stdout), 0)
           + coalesce(octet_length(whole_stderr) - octet_length(stderr), 0) AS unread_bytes
    FROM (SELECT id, exit_code, error_message, rule, output_result, is_short, whole_output, whole_stdout, whole_stderr,
                 CASE WHEN NOT is_short THEN ${endsOf('whole_output')} END AS output_text,
                 ${endsOf('whole_stdout')} AS stdout, ${endsOf('whole_stderr')} AS stderr
            FROM (SELECT id, exit_code, error_message, rule, output_result, output_result::text AS whole_output,
                         stdout AS whole_stdout, stderr AS whole_stderr,
                         octet_length(output_result::text) <= ${MAX_JSON_BYTES} AS is_short
                    FROM tool_executions WHERE id = ANY($1::uuid[]) OFFSET 0) wholes OFFSET 0) ends`;

/** A call with all that is told of it but its row. */
interface ToldCall {
  readonly id: string;
  readonly name: string;
  readonly outcome: CallOutcome;
  /** Of its result's tag. */
  readonly seed: string;
  readonly maxBytes: number;
}

function toldCalls({ interactionId, outcomes }: PastTurn, said: SaidRow | undefined, turnBytes: number): ToldCall[] {
  const maxBytes = resultBytesFor(outcomes.length, turnBytes);
  return outcomes.map((outcome, index) => {
    const { id = '', name = '' } = said?.tool_calls[index] ?? {};
    const seed = 'executionId' in outcome ? outcome.executionId : `${interactionId}/${index}`;
    return { id, name, outcome, seed, maxBytes };
  });
}

function resultOf(
  { id, name, outcome, seed, maxBytes }: ToldCall,
  rows: ReadonlyMap<string, ExecutionRow>,
): ToolOutcome {
  const row = 'executionId' in outcome ? rows.get(outcome.executionId) : undefined;
  return {
    toolCallId: id,
    content: resultText(name, outcome, row, seed, maxBytes),
    isError: 'error' in outcome || outcome.status !== 'succeeded',
  };
}
