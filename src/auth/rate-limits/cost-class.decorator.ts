import { SetMetadata } from '@nestjs/common';
import type { CostClass } from './rate-limits.rules.js';

export const COST_CLASS = 'nyx:cost-class';

/** The limit that a route counts against; without it a GET is a read, all else a write. */
export const Costs = (costClass: CostClass): MethodDecorator & ClassDecorator => SetMetadata(COST_CLASS, costClass);
