/** How the engine works; what people set at `/engine/start` and `/engine/config`. */
export interface EngineConfig {
  /** 1..3600 */
  readonly evaluationIntervalSeconds: number;
  /** 1..50 */
  readonly maxConcurrentTasks: number;
  /** Least score of what is chosen, 0..1. */
  readonly minArbitrationThreshold: number;
  /** Autonomous work only reads, has a small budget, and asks for anything riskier. */
  readonly safetyEnabled: boolean;
  /** Cooldowns of seconds. */
  readonly testMode: boolean;
}

/** Of what the engine waits after an evaluation that failed. */
export const LONGEST_BACK_OFF_SECONDS = 300;

export const DEFAULT_ENGINE_CONFIG: EngineConfig = {
  evaluationIntervalSeconds: 30,
  maxConcurrentTasks: 3,
  minArbitrationThreshold: 0.3,
  safetyEnabled: true,
  testMode: false,
};
