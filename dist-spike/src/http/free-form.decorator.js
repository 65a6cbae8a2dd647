import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsObject, IsOptional } from 'class-validator';
/** A member that takes any JSON object and keeps it as it came: not copied, not stripped. */
export function FreeForm({ description, example, required = false }) {
    const api = { type: 'object', additionalProperties: true, description, ...(example && { example }) };
    return applyDecorators(required ? ApiProperty(api) : ApiPropertyOptional(api), ...(required ? [] : [IsOptional()]), IsObject(), Transform(({ obj, key }) => obj[key]));
}
//# sourceMappingURL=free-form.decorator.js.map