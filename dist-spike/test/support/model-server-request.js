import { createHash } from 'node:crypto';
/** A request the API would answer with 400. */
export class RefusedRequest extends Error {
}
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const blocksOf = (content, where) => {
    if (typeof content === 'string') {
        if (content === '')
            throw new RefusedRequest(`${where}: text content blocks must be non-empty`);
        return [{ type: 'text', text: content }];
    }
    if (!Array.isArray(content))
        throw new RefusedRequest(`${where}: expected a string or a list of blocks`);
    return content.map((block, index) => {
        if (!isObject(block) || typeof block.type !== 'string')
            throw new RefusedRequest(`${where}.${index}: expected a block`);
        if (block.type === 'text' && (typeof block.text !== 'string' || block.text === ''))
            throw new RefusedRequest(`${where}.${index}: text content blocks must be non-empty`);
        return block;
    });
};
const messagesOf = (messages) => {
    if (!Array.isArray(messages) || messages.length === 0)
        throw new RefusedRequest('messages: at least one message is required');
    return messages.map((message, index) => {
        if (!isObject(message) || (message.role !== 'user' && message.role !== 'assistant'))
            throw new RefusedRequest(`messages.${index}.role: Input should be 'user' or 'assistant'`);
        return { role: message.role, content: blocksOf(message.content, `messages.${index}.content`) };
    });
};
const toolsOf = (tools) => {
    if (tools === undefined || tools === null)
        return [];
    if (!Array.isArray(tools))
        throw new RefusedRequest('tools: expected a list');
    return tools.map((tool, index) => {
        if (!isObject(tool) || typeof tool.name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name))
            throw new RefusedRequest(`tools.${index}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
        if (tool.strict === true && isObject(tool.input_schema))
            checkSchema(tool.input_schema, `tools.${index}`);
        return tool;
    });
};
const UNSUPPORTED_KEYWORDS = [
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
    'minLength',
    'maxLength',
    'maxItems',
    'uniqueItems',
];
/** The subset of JSON Schema that structured outputs take: closed objects, no ranges, no lengths. */
const checkSchema = (schema, where) => {
    for (const keyword of UNSUPPORTED_KEYWORDS)
        if (keyword in schema)
            throw new RefusedRequest(`${where}: For '${String(schema.type)}' type, property '${keyword}' is not supported`);
    if (typeof schema.minItems === 'number' && schema.minItems > 1)
        throw new RefusedRequest(`${where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported`);
    if (schema.type === 'object' && schema.additionalProperties !== false)
        throw new RefusedRequest(`${where}: For 'object' type, 'additionalProperties' must be explicitly set to false in the schema`);
    for (const group of [schema.properties, schema.$defs])
        if (isObject(group))
            for (const [name, child] of Object.entries(group))
                if (isObject(child))
                    checkSchema(child, `${where}.${name}`);
    const children = [schema.items, ...[schema.anyOf, schema.oneOf, schema.allOf].flat()];
    for (const child of children)
        if (isObject(child))
            checkSchema(child, where);
};
const schemaOf = (outputConfig) => {
    if (!isObject(outputConfig) || !isObject(outputConfig.format))
        return undefined;
    const { type, schema } = outputConfig.format;
    if (type !== 'json_schema' || !isObject(schema))
        throw new RefusedRequest('output_config.format: expected {type: "json_schema", schema}');
    checkSchema(schema, 'output_config.format.schema');
    return schema;
};
const countBreakpoints = (request) => [request.tools, request.system, ...request.messages.map((message) => message.content)]
    .flat()
    .filter((part) => part.cache_control).length + (request.cacheControl ? 1 : 0);
/** Checks what the API checks. `withMaxTokens` is false for `count_tokens`. */
export const readMessagesRequest = (body, withMaxTokens) => {
    if (!isObject(body))
        throw new RefusedRequest('The request body is not a JSON object');
    if (typeof body.model !== 'string' || body.model === '')
        throw new RefusedRequest('model: Field required');
    for (const parameter of ['temperature', 'top_p', 'top_k'])
        if (body[parameter] !== undefined)
            throw new RefusedRequest(`${parameter}: not supported by this API version`);
    const maxTokens = withMaxTokens ? body.max_tokens : 1;
    if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1)
        throw new RefusedRequest('max_tokens: Input should be greater than or equal to 1');
    const request = {
        model: body.model,
        maxTokens,
        stream: body.stream === true,
        system: body.system === undefined || body.system === null ? [] : blocksOf(body.system, 'system'),
        messages: messagesOf(body.messages),
        tools: toolsOf(body.tools),
        toolChoice: isObject(body.tool_choice) ? body.tool_choice : undefined,
        schema: schemaOf(body.output_config),
        cacheControl: isObject(body.cache_control) ? body.cache_control : undefined,
        stopSequences: Array.isArray(body.stop_sequences) ? body.stop_sequences.map(String) : [],
    };
    if (countBreakpoints(request) > 4)
        throw new RefusedRequest('A maximum of 4 blocks with cache_control may be provided.');
    return request;
};
const textOf = (blocks) => blocks
    .map((block) => block.text ?? '')
    .filter((text) => text !== '')
    .join('\n');
export const systemText = (request) => textOf(request.system);
/** All text of all turns. */
export const promptText = (request) => request.messages.map((message) => textOf(message.content)).join('\n');
export const lastUserText = (request) => textOf(request.messages.filter((message) => message.role === 'user').at(-1)?.content ?? []);
const withoutCacheControl = (_key, value) => isObject(value) && 'cache_control' in value ? { ...value, cache_control: undefined } : value;
/** The same for two requests that ask the same thing of the same model, however they are cached or streamed. */
export const promptKey = (request) => createHash('sha256')
    .update(JSON.stringify([request.model, request.system, request.messages, request.tools, request.toolChoice, request.schema], withoutCacheControl))
    .digest('hex')
    .slice(0, 24);
//# sourceMappingURL=model-server-request.js.map