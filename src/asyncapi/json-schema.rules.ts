/** A schema as the decorators describe it: OpenAPI 3.0. */
export interface ApiSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly items?: ApiSchema;
  readonly allOf?: readonly ApiSchema[];
  readonly anyOf?: readonly ApiSchema[];
  readonly oneOf?: readonly ApiSchema[];
  readonly additionalProperties?: boolean | ApiSchema;
  readonly [keyword: string]: unknown;
}

/** JSON Schema draft 7. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The same schema for AsyncAPI, which knows neither `nullable` nor `example`. */
export function jsonSchema({ nullable, example, ...schema }: ApiSchema): JsonSchema {
  if (schema.$ref !== undefined) return { $ref: schema.$ref };
  const [only] = schema.allOf?.length === 1 ? schema.allOf : [];
  const { allOf, ...rest } = schema;
  const converted = {
    ...membersOf(only === undefined ? schema : rest),
    ...(only?.$ref !== undefined && { $ref: only.$ref }),
    ...(only !== undefined && only.$ref === undefined && jsonSchema(only)),
    ...(only === undefined && allOf !== undefined && { allOf: allOf.map(jsonSchema) }),
    ...(example !== undefined && { examples: [example] }),
  };
  return nullable === true ? orNull(converted) : withoutSiblings(converted);
}

function membersOf(schema: ApiSchema): JsonSchema {
  const { properties, items, anyOf, oneOf, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, jsonSchema(member)])),
    }),
    ...(items && { items: jsonSchema(items) }),
    ...(anyOf && { anyOf: anyOf.map(jsonSchema) }),
    ...(oneOf && { oneOf: oneOf.map(jsonSchema) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean' ? additionalProperties : jsonSchema(additionalProperties),
    }),
  };
}

/** In draft 7 nothing beside a reference counts; a description is kept by taking the reference in. */
const withoutSiblings = ({ $ref, ...rest }: JsonSchema): JsonSchema =>
  $ref === undefined ? rest : Object.keys(rest).length === 0 ? { $ref } : { ...rest, allOf: [{ $ref }] };

function orNull({ type, enum: values, description, ...rest }: JsonSchema & { readonly enum?: unknown }): JsonSchema {
  const said = description === undefined ? {} : { description };
  if (type === undefined) return { ...said, anyOf: [withoutSiblings(rest), { type: 'null' }] };
  return {
    ...said,
    ...rest,
    type: [type, 'null'],
    ...(Array.isArray(values) && { enum: [...(values as unknown[]), null] }),
  };
}
