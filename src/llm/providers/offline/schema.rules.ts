/** A JSON Schema, read without trust: any member may be missing or of another kind. */
export type Schema = Readonly<Record<string, unknown>>;

const MOST_HOPS = 8;

export const asSchema = (value: unknown): Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export function numberIn(schema: Schema, key: string): number | undefined {
  const value = schema[key];
  return typeof value === 'number' ? value : undefined;
}

export const textIn = (schema: Schema, key: string): string | undefined => {
  const value = schema[key];
  return typeof value === 'string' ? value : undefined;
};

export const without = (schema: Schema, ...keys: readonly string[]): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));

/** The type a value shall have; where several are allowed the first that is not null, where none is named what the other members speak of. */
export function typeOf(schema: Schema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((each) => each !== 'null') ?? 'null';
  if (type !== undefined) return type;
  const speaksOf = (...keys: string[]): boolean => keys.some((key) => key in schema);
  if (Object.keys(asSchema(schema['properties'])).length > 0 || speaksOf('minProperties', 'required')) return 'object';
  if (speaksOf('items', 'prefixItems', 'minItems', 'uniqueItems')) return 'array';
  if (speaksOf('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number';
  return 'string';
}

/** Whether null is among what is allowed. */
export const allowsNull = (schema: Schema): boolean =>
  schema['type'] === 'null' ||
  asList(schema['type']).includes('null') ||
  asList(schema['enum']).includes(null) ||
  variantsOf(schema).some((variant) => variant['type'] === 'null');

export const variantsOf = (schema: Schema): Schema[] => asList(schema['anyOf'] ?? schema['oneOf']).map(asSchema);

/** The schema with its reference followed and its `allOf` merged. */
export function resolve(schema: Schema, root: Schema, hops = 0): Schema {
  const reference = schema['$ref'];
  if (typeof reference === 'string' && hops < MOST_HOPS) {
    return resolve({ ...without(schema, '$ref'), ...referred(reference, root) }, root, hops + 1);
  }
  if (!Array.isArray(schema['allOf'])) return schema;
  const parts = asList(schema['allOf']).map((part) => resolve(asSchema(part), root, hops + 1));
  return [without(schema, 'allOf'), ...parts].reduce(merged);
}

const referred = (reference: string, root: Schema): Schema =>
  asSchema(
    reference
      .replace(/^#\/?/, '')
      .split('/')
      .filter((part) => part !== '')
      .map((part) => decoded(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, part) => (Array.isArray(at) ? (at as unknown[])[Number(part)] : asSchema(at)[part]), root),
  );

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const HIGHER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const LOWER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

/** What both allow, as far as bounds, choices and members go; else the right one decides. */
function merged(left: Schema, right: Schema): Schema {
  const bounds = [...HIGHER, ...LOWER].flatMap((key) => {
    const [one, other] = [numberIn(left, key), numberIn(right, key)];
    if (one === undefined || other === undefined) return [];
    return [[key, HIGHER.includes(key) ? Math.max(one, other) : Math.min(one, other)]];
  });
  const has = (key: string): boolean => key in left || key in right;
  return {
    ...left,
    ...right,
    ...(has('properties') && { properties: { ...asSchema(left['properties']), ...asSchema(right['properties']) } }),
    ...(has('required') && { required: [...asList(left['required']), ...asList(right['required'])] }),
    ...('enum' in left &&
      'enum' in right && { enum: asList(left['enum']).filter((value) => asList(right['enum']).includes(value)) }),
    ...(Object.fromEntries(bounds) as Schema),
  };
}

/** The names of members anywhere in the schema, folded to snake_case, with the types they have. */
export function memberTypes(root: Schema): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const visited = new Set<Schema>();
  const visit = (given: Schema, depth: number): void => {
    if (depth > 5 || visited.has(given)) return;
    visited.add(given);
    const schema = resolve(given, root);
    for (const variant of variantsOf(schema)) visit(variant, depth + 1);
    visitItems(schema, depth);
    for (const [name, member] of Object.entries(asSchema(schema['properties']))) {
      const inner = resolve(asSchema(member), root);
      const named = snakeCase(name);
      if (!found.has(named)) found.set(named, 'enum' in inner ? 'enum' : typeOf(inner));
      visit(inner, depth + 1);
    }
  };
  const visitItems = (schema: Schema, depth: number): void => {
    if ('items' in schema) visit(asSchema(schema['items']), depth + 1);
  };
  visit(root, 0);
  return found;
}

export const snakeCase = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[\s-]+/g, '_')
    .toLowerCase();
