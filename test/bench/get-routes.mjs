import { URLSearchParams } from 'node:url';

const idOf = async ({ nyxDatabase }, table, where, workflow) =>
  (await nyxDatabase.one(`SELECT id FROM ${table} WHERE ${where} LIMIT 1`, [workflow]))?.id;

/** Each required member of the query with the first value that its schema allows. */
function queryOf({ parameters = [] }, { schemas }) {
  const required = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
  return new URLSearchParams(
    required.map(({ name, schema }) => [name, (schema.$ref ? schemas[schema.$ref.split('/').at(-1)] : schema).enum[0]]),
  );
}

/** The GET routes of the API itself, as OpenAPI has them, with the ids of what a workflow left filled in. */
export async function getRoutes(context, workflow) {
  const ofWorkflow = 'thought_tree_id IN (SELECT id FROM thought_trees WHERE root_id = $1)';
  const ids = {
    '/api/v1/orchestrator/agents/{id}': await idOf(context, 'agents', ofWorkflow, workflow),
    '/api/v1/llm/interactions/{id}': await idOf(context, 'llm_interactions', 'workflow_id = $1', workflow),
  };
  const { json } = await context.nyx.client.get('/openapi.json');
  return Object.entries(json.paths)
    .filter(([path, item]) => 'get' in item && path.startsWith('/api/'))
    .map(([path, { get }]) => {
      const query = queryOf(get, json.components);
      return {
        path,
        url: `${path.replace(/\{[^}]+\}/, () => ids[path] ?? workflow)}${query.size > 0 ? `?${query}` : ''}`,
      };
    });
}
