import { Injectable } from '@nestjs/common';
import { Ajv, type ValidateFunction } from 'ajv';
import type { LlmAnswer } from '../../llm/llm-call.js';
import type { AnswerForm } from '../planning/answer-form.js';

/** Holds answers against their forms. A form's schema is compiled once. */
@Injectable()
export class AnswerForms {
  private readonly ajv = new Ajv({ allErrors: true });
  private readonly compiled = new Map<object, ValidateFunction>();

  /** `rules` says what the schema cannot. @returns none when the answer can be used */
  mistakesOf(form: AnswerForm, answer: LlmAnswer, rules?: (answer: never) => readonly string[]): readonly string[] {
    if (answer.fault !== undefined) return [answer.fault.message];
    const fits = this.validatorOf(form.schema);
    if (fits(answer.json)) return rules?.(answer.json as never) ?? [];
    return (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`.trim());
  }

  private validatorOf(schema: object): ValidateFunction {
    const validator = this.compiled.get(schema) ?? this.ajv.compile(schema);
    this.compiled.set(schema, validator);
    return validator;
  }
}
