import type { Environment } from './settings.rules.js';

/** Names of the first NYX that have another name now. */
const RENAMED: Readonly<Record<string, string>> = { API_HOST: 'HOST', API_PORT: 'PORT', SECRET_KEY: 'JWT_SECRET' };

/** Names of the first NYX for what is a row of the system configuration now; they set its first value. */
const RUNTIME_KEYS: Readonly<Record<string, string>> = {
  DEFAULT_MAX_RECURSION_DEPTH: 'max_recursion_depth',
  DEFAULT_MAX_CONCURRENT_AGENTS: 'max_concurrent_agents',
  DEFAULT_RETRY_ATTEMPTS: 'default_retry_attempts',
  LLM_TIMEOUT_SECONDS: 'llm_timeout_seconds',
  TOOL_TIMEOUT_SECONDS: 'tool_timeout_seconds',
};

export const ORIGINAL_NAMES: readonly string[] = [...Object.keys(RENAMED), ...Object.keys(RUNTIME_KEYS)];

/** Reads the original's names as the present ones, which win where both are set. One warning for each that was found. */
export function withOriginalNames(environment: Environment, warn: (sentence: string) => void): Environment {
  const isSet = (name: string): boolean => (environment[name] ?? '').trim() !== '';
  const renamed: Record<string, string | undefined> = { ...environment };
  for (const [old, name] of Object.entries(RENAMED)) {
    if (!isSet(old)) continue;
    if (isSet(name)) {
      warn(`${old} is ignored because ${name} is set.`);
    } else {
      renamed[name] = environment[old];
      warn(`${old} is the name of an earlier NYX: use ${name}.`);
    }
  }
  for (const [old, key] of Object.entries(RUNTIME_KEYS)) {
    if (isSet(old)) warn(`${old} is the name of an earlier NYX: use PUT /api/v1/system/config/${key}.`);
  }
  return renamed;
}
