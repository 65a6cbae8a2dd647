import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsObject, IsOptional } from 'class-validator';
import { restorePrototypeKeys } from './prototype-keys.rules.js';

interface FreeFormOptions {
  readonly description: string;
  readonly example?: Readonly<Record<string, unknown>>;
  readonly required?: boolean;
}

/** A member that takes any JSON object and keeps it as it came: not copied, not stripped. Null is as if it were not there. */
export function FreeForm({ description, example = {}, required = false }: FreeFormOptions): PropertyDecorator {
  const api = { type: 'object', additionalProperties: true, description, example } as const;
  return applyDecorators(
    required ? ApiProperty(api) : ApiPropertyOptional(api),
    ...(required ? [] : [IsOptional()]),
    IsObject(),
    Transform(({ obj, key }: TransformFnParams): unknown =>
      restorePrototypeKeys((obj as Record<string, unknown>)[key] ?? undefined),
    ),
  );
}
