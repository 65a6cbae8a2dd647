import type { Environment } from './settings.rules.js';

/** By the present name, what the first NYX called it. */
const RENAMED = { HOST: 'API_HOST', PORT: 'API_PORT', JWT_SECRET: 'SECRET_KEY' } as const;

/** Names of the first NYX for what is a row of the system configuration now; they set its first value. */
const RUNTIME_KEYS: Readonly<Record<string, readonly string[]>> = {
  DEFAULT_MAX_RECURSION_DEPTH: ['max_recursion_depth'],
  DEFAULT_MAX_CONCURRENT_AGENTS: ['max_concurrent_agents', 'max_concurrent_workflows'],
  DEFAULT_RETRY_ATTEMPTS: ['default_retry_attempts'],
  LLM_TIMEOUT_SECONDS: ['llm_timeout_seconds'],
  TOOL_TIMEOUT_SECONDS: ['tool_timeout_seconds'],
};

export const ORIGINAL_NAMES: readonly string[] = [...Object.values(RENAMED), ...Object.keys(RUNTIME_KEYS)];

const isSet = (environment: Environment, name: string): boolean => (environment[name] ?? '').trim() !== '';

/** How sentences are to call the variable: by the original's name when only that one is set, else by the present one. */
export function nameOf(environment: Environment, name: keyof typeof RENAMED): string {
  const original = RENAMED[name];
  return isSet(environment, original) && !isSet(environment, name) ? original : name;
}

/** One warning for each of the original's names that is set. */
export function warnOfOriginalNames(environment: Environment, warn: (sentence: string) => void): void {
  for (const [name, old] of Object.entries(RENAMED)) {
    if (!isSet(environment, old)) continue;
    if (isSet(environment, name)) warn(`${old} is ignored because ${name} is set.`);
    else warn(`${old} is the name of an earlier NYX: use ${name}.`);
  }
  for (const [old, keys] of Object.entries(RUNTIME_KEYS)) {
    const routes = keys.map((key) => `/api/v1/system/config/${key}`).join(' and ');
    if (isSet(environment, old)) warn(`${old} is the name of an earlier NYX: use PUT ${routes}.`);
  }
}
