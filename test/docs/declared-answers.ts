import { Ajv, type ValidateFunction } from 'ajv';
import { type ApiDocument, type Route, routesOf } from './operations.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What OpenAPI 3.0 writes in a way of its own, as JSON Schema has it, and no members but those that are declared; for `JSON.parse`. */
const asJsonSchema = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const schema: Record<string, unknown> = { ...value };
  // Not of a member that is called so.
  if (typeof schema.properties === 'object' && schema.type === 'object') schema.additionalProperties ??= false;
  if (schema.exclusiveMinimum === true) {
    schema.exclusiveMinimum = schema.minimum;
    delete schema.minimum;
  }
  if (schema.nullable !== true) return schema;
  delete schema.nullable;
  return { anyOf: [{ type: 'null' }, schema] };
};

/** Holds answers of the API against what its document declares for them. */
export class DeclaredAnswers {
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly routes: readonly { readonly route: Route; readonly pattern: RegExp }[];
  private readonly checks = new Map<string, ValidateFunction>();

  constructor(document: ApiDocument) {
    for (const [name, format] of Object.entries({
      uuid: UUID,
      date: DATE,
      'date-time': DATE_TIME,
      binary: true as const,
      int64: true as const,
    }))
      this.ajv.addFormat(name, format);
    const { components } = JSON.parse(JSON.stringify(document), asJsonSchema) as ApiDocument;
    this.ajv.addSchema({ $id: 'api', components });
    // What is named before what is a parameter: /workflows/active is not a workflow.
    this.routes = routesOf(document)
      .map((route) => ({ route, pattern: patternOf(route) }))
      .sort((one, other) => parametersOf(one.route) - parametersOf(other.route));
  }

  /**
   * @param body undefined: it has none, or one that is no JSON
   * @returns why the answer is not one that is declared; undefined when it is
   */
  mistake(method: string, address: string, status: number, body: unknown): string | undefined {
    const [path = ''] = address.split('?');
    const found = this.routes.find(({ route, pattern }) => route.method === method && pattern.test(path));
    if (found === undefined) return `${method} ${path} is not declared`;
    const { route } = found;
    const answer = route.operation.responses[status];
    if (answer === undefined) return `${route.name} does not declare ${status}`;
    const declared = Object.entries(answer.content ?? {});
    const schema = declared.find(([type]) => /json$/.test(type))?.[1].schema;
    if (schema === undefined) return body === undefined ? undefined : `${route.name} ${status} declares no JSON`;
    if (body === undefined && declared.length > 1) return undefined;
    const name = `${route.name} ${status}`;
    const check = this.checks.get(name) ?? this.ajv.compile(absolute(schema));
    this.checks.set(name, check);
    if (check(body)) return undefined;
    const [first] = check.errors ?? [];
    return `${name}: ${this.ajv.errorsText(check.errors?.slice(0, 3))} ${JSON.stringify(first?.params)}`;
  }
}

/** A path of a file has folders in it. */
const patternOf = ({ path }: Route): RegExp =>
  new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, (_all, name) => (name === 'path' ? '.+' : '[^/]+'))}$`);

const parametersOf = ({ path }: Route): number => path.split('{').length;

/** With references into the document by name. */
const absolute = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/'), asJsonSchema) as object;
