import { Ajv2020 } from 'ajv/dist/2020.js';
import { cutTo } from '../../../database/cut.rules.js';
import { OUTSIDE_SCHEMAS } from '../../../http/outside-schemas.rules.js';

type Json = Readonly<Record<string, unknown>>;

/** What the API takes for the name of a property; one other name has the whole request refused, with all other tools. */
const PROPERTY_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
const NOT_AT_THE_TOP = ['oneOf', 'allOf', 'anyOf'];
const MAX_TOLD_LENGTH = 8_000;

const judge = new Ajv2020(OUTSIDE_SCHEMAS);

/** A schema the API takes, and the one it stands for in words where that says more. */
export interface WireSchema {
  readonly schema: object;
  /** To be added to the description. */
  readonly words: string;
}

/**
 * The schema as it is, where the API takes it. Where it does not, as with schemas of other servers may be, what it takes of the properties,
 * and the whole in words: what the model asks for is held against the whole before it runs.
 */
export function wireSchemaOf(inputSchema: object): WireSchema {
  const { $schema: _draft, $id: _id, ...schema } = inputSchema as Json;
  const isAcceptable = judge.validateSchema(schema) === true;
  const isTaken = isAcceptable && !NOT_AT_THE_TOP.some((keyword) => keyword in schema) && !hasOddName(schema);
  if (isTaken) return { schema: inputSchema, words: '' };
  const properties = isObject(schema.properties) ? schema.properties : {};
  const named = Object.entries(properties).filter(([name]) => PROPERTY_NAME.test(name));
  const taken = named.map(([name, each]) => [name, isAcceptable && !hasOddName(each) ? each : {}] as const);
  const names = new Set(named.map(([name]) => name));
  const required = Array.isArray(schema.required) ? schema.required.filter((name) => names.has(String(name))) : [];
  const definitions =
    isAcceptable && !hasOddName(schema.$defs) && isObject(schema.$defs) ? { $defs: schema.$defs } : {};
  return {
    schema: { type: 'object', properties: Object.fromEntries(taken), required, ...definitions },
    words: `\nIts parameters have to be valid by this JSON Schema: ${cutTo(JSON.stringify(schema), MAX_TOLD_LENGTH)}`,
  };
}

function hasOddName(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(hasOddName);
  if (!isObject(schema)) return false;
  const { properties } = schema;
  if (isObject(properties) && Object.keys(properties).some((name) => !PROPERTY_NAME.test(name))) return true;
  return Object.values(schema).some(hasOddName);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
