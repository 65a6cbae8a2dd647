import { SetMetadata } from '@nestjs/common';

export const RECORDS_ITSELF = 'nyx:records-itself';

/** On a route that changes something: what it does stands on record with the change itself, so only its refusals are recorded for it. */
export const RecordsItself = (): MethodDecorator => SetMetadata(RECORDS_ITSELF, true);
