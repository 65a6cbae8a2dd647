import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { TemplateResolver, type TemplateUse } from '../workflow-templates/template-resolver.service.js';
import { valueAt, type ValueOf } from '../workflow-templates/template-text.rules.js';
import type { ExecuteWorkflow } from '../workflows/dto/execute-workflow.dto.js';
import type { CheckedRequest } from '../workflows/request-check.service.js';

/** What happened outside. */
export interface OutsideEvent {
  readonly type: string;
  readonly source: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Stands for whatever an event will say, where a trigger is checked before there is one: a text, and an id. */
const SOMETHING = '019ab0c4-0000-7000-8000-000000000000';

/** The requests by which NYX reacts to events. */
@Injectable()
export class Reactions {
  constructor(private readonly resolver: TemplateResolver) {}

  /** @throws Problem VALIDATION_ERROR with fields below `workflow_template` and `parameters` */
  to(sql: Sql, event: OutsideEvent, use: TemplateUse, principalId: string): Promise<CheckedRequest> {
    const valueOf: ValueOf = (name) => valueAt({ event }, name);
    return this.resolver.resolve(sql, use, principalId, valueOf, (request) => reacting(request, event));
  }

  /** Whether there can be a reaction at all. @throws Problem as `to` does */
  async check(
    sql: Sql,
    { type, source }: Omit<OutsideEvent, 'details'>,
    use: TemplateUse,
    principalId: string,
  ): Promise<void> {
    const event = { type, source, details: {} };
    await this.resolver.resolve(
      sql,
      use,
      principalId,
      () => SOMETHING,
      (request) => reacting(request, event),
    );
  }
}

/** A prompt becomes a reaction to the event; what is asked for in another form stays so, and has the event as a context. */
function reacting({ input_type, content, ...rest }: ExecuteWorkflow, event: OutsideEvent): ExecuteWorkflow {
  const inputType = input_type === 'user_prompt' ? 'reactive_workflow' : input_type;
  return { ...rest, input_type: inputType, content: { ...content, trigger_event: event } };
}
