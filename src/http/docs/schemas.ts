import type { OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  type?: string;
  nullable?: boolean;
  enum?: unknown[];
  $ref?: string;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
}

type Schemas = Record<string, Schema>;

/** Says in correct OpenAPI 3.0 what the decorators could only say loosely, and drops what nothing refers to any more. */
export function tidySchemas(document: OpenAPIObject): void {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  for (const { properties = {} } of Object.values(schemas)) {
    for (const [name, member] of Object.entries(properties)) properties[name] = tidied(member, schemas);
  }
  dropUnused(document, schemas);
}

/** `nullable` means nothing without a type beside it: an enumeration is written out with null, an object gets its type. */
function tidied(member: Schema, schemas: Readonly<Schemas>): Schema {
  const { allOf, ...rest } = member;
  const reference = allOf?.length === 1 ? allOf[0]?.$ref : undefined;
  if (reference !== undefined && Object.keys(rest).length === 0) return { $ref: reference };
  if (member.nullable !== true || member.type !== undefined) return member;
  const target = schemas[nameIn(reference)];
  if (target?.enum) return { ...rest, type: target.type ?? 'string', enum: [...target.enum, null] };
  if (target) return { ...member, type: target.type ?? 'object' };
  return member.oneOf ? alsoNull(member) : member;
}

/** One of several types or null: null is said of the first of them. */
function alsoNull({ nullable, oneOf = [], ...rest }: Schema): Schema {
  const [first, ...others] = oneOf;
  return { ...rest, anyOf: [{ ...first, nullable }, ...others] };
}

const nameIn = (reference: string | undefined): string => reference?.split('/').at(-1) ?? '';

function dropUnused(document: OpenAPIObject, schemas: Schemas): void {
  const used = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(schemas[name]);
    }
  };
  visit(document.paths);
  for (const name of Object.keys(schemas)) if (!used.has(name)) Reflect.deleteProperty(schemas, name);
}
