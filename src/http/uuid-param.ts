import { type ArgumentMetadata, Injectable, Param, type PipeTransform } from '@nestjs/common';
import { invalid } from './problem.js';
import { isUuid } from './uuid.rules.js';

@Injectable()
class UuidPipe implements PipeTransform<unknown, string> {
  transform(value: unknown, { data }: ArgumentMetadata): string {
    if (!isUuid(value)) throw invalid(data ?? 'id', 'must be a UUID');
    return value.toLowerCase();
  }
}

/** A path parameter that is a UUID of any version; anything else is 400. */
export const UuidParam = (name = 'id'): ParameterDecorator => Param(name, UuidPipe);
