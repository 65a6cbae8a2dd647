import { type ArgumentMetadata, Injectable, Param, type PipeTransform } from '@nestjs/common';
import { invalid } from './problem.js';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: unknown): text is string => typeof text === 'string' && UUID.test(text);

@Injectable()
class UuidPipe implements PipeTransform<unknown, string> {
  transform(value: unknown, { data }: ArgumentMetadata): string {
    if (!isUuid(value)) throw invalid(data ?? 'id', 'must be a UUID');
    return value.toLowerCase();
  }
}

/** A path parameter that is a UUID of any version; anything else is 400. */
export const UuidParam = (name = 'id'): ParameterDecorator => Param(name, UuidPipe);
