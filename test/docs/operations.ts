/** What the walkers need to know of an OpenAPI document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>>>>;
  readonly tags: readonly { readonly name: string }[];
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly additionalProperties?: boolean | Schema;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema?: Schema;
  readonly example?: unknown;
}

interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>
  >;
  readonly security?: readonly object[];
  readonly 'x-required-role': 'none' | 'viewer' | 'operator' | 'admin';
}

export interface Route {
  /** Upper case. */
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  /** `GET /path`, to name it in a failure. */
  readonly name: string;
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const SOME_ID = '019ab0c4-0000-7000-8000-000000000000';

export const routesOf = (document: ApiDocument): Route[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((key) => {
      const operation = item[key];
      const method = key.toUpperCase();
      return operation ? [{ method, path, operation, name: `${method} ${path}` }] : [];
    }),
  );

export const parametersIn = ({ operation }: Route, place: Parameter['in']): readonly Parameter[] =>
  (operation.parameters ?? []).filter((parameter) => parameter.in === place);

/** The path with well-formed values; `values` replaces some. Ids are of nothing that exists, names are those of the examples. */
export const addressOf = (route: Route, values: Readonly<Record<string, string>> = {}): string =>
  route.path.replace(/\{(\w+)\}/g, (_match, name: string) => values[name] ?? nameIn(route, name) ?? SOME_ID);

function nameIn(route: Route, name: string): string | undefined {
  const schema = parametersIn(route, 'path').find((parameter) => parameter.name === name)?.schema;
  return schema?.format !== 'uuid' && typeof schema?.example === 'string' ? schema.example : undefined;
}

/** A schema without its references, and with what `allOf` adds up to. */
export function resolved(document: ApiDocument, schema: Schema | undefined): Schema {
  if (!schema) return {};
  if (schema.$ref !== undefined) {
    return resolved(document, document.components.schemas[schema.$ref.split('/').at(-1) ?? '']);
  }
  if (!schema.allOf) return schema;
  return Object.assign({}, ...schema.allOf.map((part) => resolved(document, part)), {
    ...schema,
    allOf: undefined,
  }) as Schema;
}

export const bodySchemaOf = (document: ApiDocument, { operation }: Route): Schema | undefined => {
  const media = operation.requestBody?.content['application/json'];
  return media && resolved(document, media.schema);
};

/**
 * The example of a schema, its own or put together from its members; undefined when there is none. What contains itself is
 * left out of itself.
 */
export function exampleOf(document: ApiDocument, schema: Schema | undefined, within: readonly Schema[] = []): unknown {
  const whole = resolved(document, schema);
  if (whole.example !== undefined) return whole.example;
  if (whole.default !== undefined) return whole.default;
  const key = document.components.schemas[refOf(schema) ?? ''] ?? whole;
  if (within.includes(key)) return undefined;
  const inside = [...within, key];
  if (whole.oneOf?.[0]) return exampleOf(document, whole.oneOf[0], inside);
  if (whole.type === 'array') {
    const item = exampleOf(document, whole.items, inside);
    if (item !== undefined) return [item];
    return inside.includes(document.components.schemas[refOf(whole.items) ?? ''] ?? {}) ? [] : undefined;
  }
  if (!whole.properties) return undefined;
  const members = Object.entries(whole.properties).map(
    ([name, member]) => [name, exampleOf(document, member, inside)] as const,
  );
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

const refOf = (schema: Schema | undefined): string | undefined =>
  (schema?.$ref ?? schema?.allOf?.find(({ $ref }) => $ref !== undefined)?.$ref)?.split('/').at(-1);
