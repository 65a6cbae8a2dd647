import { Injectable } from '@nestjs/common';
import { Durable } from '../../durable/durable.service.js';
import type { SpawnedInput } from '../run/delegation.js';
import { SPAWNED_SUBTASK } from '../run/step-names.js';
import { Subtasks } from './subtasks.js';

/** Runs subtasks that agents spawn as every other one is run. */
@Injectable()
export class SpawnedSubtasks {
  constructor(durable: Durable, subtasks: Subtasks) {
    durable.register<SpawnedInput>(SPAWNED_SUBTASK, async ({ run, thought }) => {
      await subtasks.run(run, thought, undefined);
    });
  }
}
