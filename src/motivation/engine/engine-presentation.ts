import type { Plain } from '../../http/plain.js';
import type { EngineConfigChange, EngineConfigDto, EngineStatusDto } from './dto/engine.dto.js';
import { DEFAULT_ENGINE_CONFIG, type EngineConfig } from './engine-config.js';
import type { EngineRow } from './engine-rows.js';

export const presentConfig = (config: EngineConfig): Plain<EngineConfigDto> => ({
  evaluation_interval: config.evaluationIntervalSeconds,
  max_concurrent_tasks: config.maxConcurrentTasks,
  min_arbitration_threshold: config.minArbitrationThreshold,
  safety_enabled: config.safetyEnabled,
  test_mode: config.testMode,
});

/** Only what is given. */
export function givenConfig(change: EngineConfigChange = {}): Partial<EngineConfig> {
  const read = {
    evaluationIntervalSeconds: change.evaluation_interval,
    maxConcurrentTasks: change.max_concurrent_tasks,
    minArbitrationThreshold: change.min_arbitration_threshold,
    safetyEnabled: change.safety_enabled,
    testMode: change.test_mode,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** Before the first start with the defaults. */
export const presentEngine = (engine: EngineRow | undefined, now: Date): Plain<EngineStatusDto> => ({
  status: engine === undefined ? 'not_initialized' : engine.isRunning ? 'running' : 'stopped',
  running: engine?.isRunning ?? false,
  ...presentConfig(engine ?? DEFAULT_ENGINE_CONFIG),
  started_at: engine?.startedAt.toISOString() ?? null,
  stopped_at: engine?.stoppedAt?.toISOString() ?? null,
  last_evaluation_at: engine?.lastEvaluationAt?.toISOString() ?? null,
  next_evaluation_at: engine?.nextEvaluationAt?.toISOString() ?? null,
  evaluations: engine?.evaluations ?? 0,
  leader: engine?.leader ?? null,
  errors_in_row: engine?.errorsInRow ?? 0,
  last_error: engine?.lastError ?? null,
  last_error_at: engine?.lastErrorAt?.toISOString() ?? null,
  timestamp: now.toISOString(),
});
