import { Injectable } from '@nestjs/common';
import { ModelCatalog } from '../../llm/model-catalog.js';
import type { ExecutionSettings } from './execution-settings.rules.js';
import { modelsThatMayBeAsked } from './model-choice.rules.js';
import { roomForResults, shownResults, type ShownResults, type SubtaskResult } from './result-room.rules.js';

/** Keeps the results that a prompt shows within what each model can read that its workflow may ask. */
@Injectable()
export class ResultRoom {
  constructor(private readonly catalog: ModelCatalog) {}

  shown(results: readonly SubtaskResult[], settings: ExecutionSettings): ShownResults {
    const { contextWindow } = this.catalog.smallestLimits(modelsThatMayBeAsked(settings));
    return shownResults(results, roomForResults(contextWindow));
  }
}
