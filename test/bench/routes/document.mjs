import { URLSearchParams } from 'node:url';

/** Of the API, as NYX itself describes it. */
export async function documentedRoutes(client) {
  const { json } = await client.get('/openapi.json');
  return Object.entries(json.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      isGet: method === 'get',
      path,
      query: queryOf(operation, json.components),
    })),
  );
}

/** Each required member of the query with the first value that its schema allows. */
function queryOf({ parameters = [] }, { schemas }) {
  const required = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
  const query = new URLSearchParams(
    required.map(({ name, schema }) => [name, (schema.$ref ? schemas[schema.$ref.split('/').at(-1)] : schema).enum[0]]),
  );
  return query.size > 0 ? `?${query}` : '';
}

const withId = (path, ids) =>
  path.replace(/^(.+?)\/\{[^}]+\}/, (_whole, collection) => {
    if (!ids.has(collection)) throw new Error(`Nothing was made of what GET ${path} answers.`);
    return `${collection}/${ids.get(collection)}`;
  });

/** Every GET but those left out, with the id of what was made of its kind. */
export const getsOf = (routes, ids, leftOut) =>
  routes
    .filter(({ route, isGet }) => isGet && !(route in leftOut))
    .map(({ route, path, query }) => ({ route, url: `${withId(path, ids)}${query}` }));

/** What is neither asked nor left out for a reason was forgotten; what is named and is no route is no longer there. */
export function expectEvery(routes, asked, leftOut) {
  const named = new Set([...asked, ...Object.keys(leftOut)]);
  const known = new Set(routes.map(({ route }) => route));
  const forgotten = [...known].filter((route) => !named.has(route));
  if (forgotten.length > 0) throw new Error(`Neither asked nor left out: ${forgotten.join(', ')}`);
  const unknown = [...named].filter((route) => !known.has(route));
  if (unknown.length > 0) throw new Error(`There is no route ${unknown.join(', ')}.`);
}
