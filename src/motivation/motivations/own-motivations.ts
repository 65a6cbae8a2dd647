import { ExploreRecentFailure } from './explore-recent-failure.motivation.js';
import { IdleExploration } from './idle-exploration.motivation.js';
import { MaximizeCoverage } from './maximize-coverage.motivation.js';
import { RefineLowConfidence } from './refine-low-confidence.motivation.js';
import { ResolveUnfinishedTasks } from './resolve-unfinished-tasks.motivation.js';
import { RevisitOldThoughts } from './revisit-old-thoughts.motivation.js';

/** One line a motivation. */
export const ownMotivations = [
  ResolveUnfinishedTasks,
  RefineLowConfidence,
  ExploreRecentFailure,
  MaximizeCoverage,
  RevisitOldThoughts,
  IdleExploration,
];
