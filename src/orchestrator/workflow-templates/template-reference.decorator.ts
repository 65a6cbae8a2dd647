import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { IfGiven } from '../../http/if-given.decorator.js';
import { restorePrototypeKeys } from '../../http/prototype-keys.rules.js';

/** A stored template by its name, or a request as `POST /workflows/execute` takes it. */
export type TemplateReference = string | Readonly<Record<string, unknown>>;

const isReference = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '' && value.length <= 100) ||
  (typeof value === 'object' && value !== null && !Array.isArray(value));

/** A member that names a template or is one; what is in it is checked where it is resolved. */
export function IsTemplateReference({ required }: { readonly required: boolean }): PropertyDecorator {
  const api = {
    oneOf: [
      { type: 'string', maxLength: 100 },
      { type: 'object', additionalProperties: true },
    ],
    description:
      'The name of a stored template, whose newest version runs, or a request as `POST /workflows/execute` takes it. `{{name}}` in its texts is filled by `parameters`.',
    example: { input_type: 'user_prompt', content: { prompt: 'Sum up what happened in {{room}}.' } },
  };
  return applyDecorators(
    required ? ApiProperty(api) : ApiPropertyOptional(api),
    ...(required ? [] : [IfGiven()]),
    ValidateBy({
      name: 'isTemplateReference',
      validator: {
        validate: isReference,
        defaultMessage: () => 'workflow_template must be the name of a template or a workflow request',
      },
    }),
    Transform(({ obj, key }: TransformFnParams): unknown =>
      restorePrototypeKeys((obj as Record<string, unknown>)[key]),
    ),
  );
}
