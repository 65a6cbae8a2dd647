import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { cutTo } from '../../database/cut.rules.js';
import { OUTSIDE_SCHEMAS } from '../../http/outside-schemas.rules.js';
import type { ForeignSchema, ParameterError } from '../tool.js';
import { blotOutIn, type Blot } from './blotting.rules.js';
import { TookTooLong, withinTime } from './time-limit.js';

const MAX_SCHEMA_LENGTH = 65_536;
const MAX_MESSAGE_LENGTH = 300;
/** Compiling takes some milliseconds, checking some hundredths of one: only what is made to be slow meets these. */
const COMPILE_MS = 500;
const CHECK_MS = 250;

/** Their patterns may say what no linear one can: they are run as they are, within the time that is cut off. */
const LENIENT: Options = { ...OUTSIDE_SCHEMAS, code: {}, inlineRefs: false };
const DRAFT_7 = /^https?:\/\/json-schema\.org\/draft-0[67]\/schema#?$/;
const NO_PARAMETERS: ForeignSchema = { type: 'object', properties: {}, additionalProperties: false };

/**
 * A JSON Schema that a stranger sent: bounded in size, references only within itself, compiled and applied within a time that is cut off,
 * so that neither patterns that explode nor references that multiply hold the process up.
 */
export class CheckedSchema {
  private constructor(
    readonly schema: ForeignSchema,
    private readonly validate: ValidateFunction | undefined,
    private whatIsWrong?: string,
  ) {}

  /**
   * @param given JSON of a depth that can be written again
   * @param blot takes secrets out of what is shown and checked by
   */
  static of(given: unknown, blot: Blot): CheckedSchema {
    const problem = wrongWith(given);
    if (problem !== undefined) return CheckedSchema.unusable(problem);
    const schema = withProperties(blotOutIn(given, blot) as Readonly<Record<string, unknown>>);
    const draft = draftOf(schema);
    try {
      return new CheckedSchema(
        schema,
        withinTime(COMPILE_MS, () => compile(draft, schema)),
      );
    } catch (error) {
      return CheckedSchema.unusable(
        error instanceof TookTooLong ? 'takes too long to read' : 'is no valid JSON Schema',
      );
    }
  }

  /** @param problem the rest of a sentence about the schema */
  static unusable(problem: string): CheckedSchema {
    return new CheckedSchema(NO_PARAMETERS, undefined, problem);
  }

  /** Why nothing can be checked by it, in one sentence. */
  get problem(): string | undefined {
    return this.whatIsWrong === undefined ? undefined : `The schema of its parameters ${this.whatIsWrong}.`;
  }

  /** What is wrong with parameters. Undefined: nothing, or nothing can be checked. */
  check(parameters: unknown): ParameterError | undefined {
    const { validate } = this;
    if (validate === undefined || this.whatIsWrong !== undefined) return undefined;
    try {
      if (withinTime(CHECK_MS, () => validate(parameters))) return undefined;
    } catch (error) {
      // Once is enough: nobody may hold the process up again and again.
      if (error instanceof TookTooLong) this.whatIsWrong = 'takes too long to check by';
      return { field: 'parameters', message: 'could not be checked by the schema of the tool' };
    }
    const [error] = validate.errors ?? [];
    return error === undefined ? { field: 'parameters', message: 'are not valid' } : presented(error);
  }
}

function wrongWith(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null || (schema as { type?: unknown }).type !== 'object') {
    return 'is not that of an object';
  }
  if (JSON.stringify(schema).length > MAX_SCHEMA_LENGTH) return `is longer than ${MAX_SCHEMA_LENGTH} characters`;
  // It would make the check answer a promise, which is always true.
  if ('$async' in schema) return 'is asynchronous';
  const { properties = {} } = schema as { properties?: unknown };
  const isRecord = typeof properties === 'object' && properties !== null && !Array.isArray(properties);
  if (isRecord && Object.values(properties).every(isPropertySchema)) return undefined;
  return 'does not say what they are';
}

const isPropertySchema = (value: unknown): boolean => value === true || (typeof value === 'object' && value !== null);

/** `true` as a property's schema says the same as `{}`, which everyone who reads it expects. */
function withProperties(schema: Readonly<Record<string, unknown>>): ForeignSchema {
  const properties = Object.fromEntries(
    Object.entries((schema.properties ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>> | true>>).map(
      ([name, each]) => [name, each === true ? {} : each],
    ),
  );
  return { ...schema, type: 'object', properties };
}

interface Draft {
  /** Knows what a schema of this draft looks like. */
  readonly judge: Ajv;
  /** An instance of its own for each schema: it is thrown away with it, or when it is stopped half way. */
  readonly compiler: () => Ajv;
}

const BARE: Options = { ...LENIENT, meta: false, validateSchema: false };
const drafts = new Map<boolean, Draft>();

/** What takes long the first time is no fault of a schema, so it is done before the clock runs. */
function draftOf(schema: ForeignSchema): Draft {
  const isOld = typeof schema.$schema === 'string' && DRAFT_7.test(schema.$schema);
  const known = drafts.get(isOld);
  if (known !== undefined) return known;
  const draft: Draft = isOld
    ? { judge: new Ajv(LENIENT), compiler: () => new Ajv(BARE) }
    : { judge: new Ajv2020(LENIENT), compiler: () => new Ajv2020(BARE) };
  draft.judge.compile({ type: 'object' });
  draft.compiler().compile({ type: 'object', properties: { text: { type: 'string' } } });
  drafts.set(isOld, draft);
  return draft;
}

/** @throws Error when it is no schema */
function compile({ judge, compiler }: Draft, schema: ForeignSchema): ValidateFunction {
  const { $schema: _draft, $id: _id, ...bare } = schema;
  if (judge.validateSchema(bare) !== true) throw new Error('no JSON Schema');
  return compiler().compile(bare);
}

function presented({ instancePath, keyword, params, message }: ErrorObject): ParameterError {
  const parts = instancePath.split('/').slice(1);
  const { missingProperty, additionalProperty } = params as Readonly<Record<string, unknown>>;
  const [named, text] =
    keyword === 'required'
      ? [missingProperty, 'is required']
      : keyword === 'additionalProperties'
        ? [additionalProperty, 'is no parameter of this tool']
        : [undefined, message ?? 'is not valid'];
  const own = parts
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) && path !== '' ? `${path}[${part}]` : joined(path, part)), '');
  const field = typeof named === 'string' ? joined(own, named) : own;
  return {
    field: cutTo(field === '' ? 'parameters' : field, MAX_MESSAGE_LENGTH),
    message: cutTo(text, MAX_MESSAGE_LENGTH),
  };
}

const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
