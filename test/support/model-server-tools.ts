import { createHash } from 'node:crypto';
import { isObject, RefusedRequest, type Block, type Json, type MessagesRequest } from './model-server-request.js';

/** A result of a tool as it arrived in the last turn of a request. */
export interface ArrivedResult {
  id: string;
  text: string;
  isError: boolean;
}

type Messages = MessagesRequest['messages'];

const idsOf = (content: readonly Block[], type: string, key: string): unknown[] =>
  content.filter((block) => block.type === type).map((block) => block[key]);

/** What the API checks of tools that were used: every call is answered at once and in the next turn, and thinking comes back as it was. */
export const checkToolTurns = (messages: Messages, hasTools: boolean): void => {
  for (const [index, { role, content }] of messages.entries()) {
    const where = `messages.${index}`;
    const before = messages[index - 1]?.content ?? [];
    if (index > 0 && messages[index - 1]?.role === role) throw new RefusedRequest(`${where}: roles must alternate`);
    const called = idsOf(before, 'tool_use', 'id');
    const answered = idsOf(content, 'tool_result', 'tool_use_id');
    if (role === 'user' && JSON.stringify([...called].sort()) !== JSON.stringify([...answered].sort()))
      throw new RefusedRequest(
        `${where}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${called.join(', ')}`,
      );
    const firstOther = content.findIndex((block) => block.type !== 'tool_result');
    if (firstOther >= 0 && content.slice(firstOther).some((block) => block.type === 'tool_result'))
      throw new RefusedRequest(`${where}: \`tool_result\` blocks must come first`);
    if (content.some((block) => block.type === 'tool_use') && !hasTools)
      throw new RefusedRequest('Requires `tools=` to be defined');
    for (const block of content)
      if (block.type === 'thinking' && block.signature !== signatureOf(String(block.thinking)))
        throw new RefusedRequest(`${where}: Invalid \`signature\` in \`thinking\` block`);
  }
};

export const signatureOf = (thinking: string): string =>
  createHash('sha256').update(`signed ${thinking}`).digest('base64');

/** Of the strict tools of a request, as the API's page on structured outputs has it. */
export const checkStrictLimits = (tools: readonly Json[]): void => {
  const schemas = tools.filter(({ strict }) => strict === true).map(({ input_schema }) => input_schema);
  if (schemas.length > 20) throw new RefusedRequest('tools: too many strict tools; the limit is 20');
  const optional = schemas.reduce<number>((sum, schema) => sum + optionalIn(schema), 0);
  if (optional > 24) throw new RefusedRequest(`Schemas contains too many optional parameters (${optional})`);
};

const optionalIn = (schema: unknown): number => {
  if (!isObject(schema)) return 0;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const own = Object.keys(properties).filter((name) => !required.includes(name)).length;
  return [...Object.values(properties), schema.items].reduce<number>((sum, child) => sum + optionalIn(child), own);
};

const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : Array.isArray(content)
      ? content.map((block: unknown) => (isObject(block) ? String(block.text) : '')).join('\n')
      : '';

/** The results that the last turn of these messages brings. */
export const resultsIn = (messages: unknown): ArrivedResult[] => {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  const content: unknown[] = isObject(last) && Array.isArray(last.content) ? last.content : [];
  return content
    .filter((block): block is Json => isObject(block) && block.type === 'tool_result')
    .map((block) => ({
      id: String(block.tool_use_id),
      text: textOf(block.content),
      isError: block.is_error === true,
    }));
};

/** Which turn of a conversation is asked for; 1 is the first. */
export const turnOf = (messages: Messages): number => messages.filter(({ role }) => role === 'assistant').length + 1;
