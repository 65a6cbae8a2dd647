import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { isAllowedHost } from './allowed-hosts.rules.js';
import type { AppConfig } from './app-config.js';
import { onOrOff, text, wholeNumber, type Environment } from './settings.rules.js';
import { StartError } from './start-error.js';

/** @param folder what relative paths are in */
export function toolSettings(variables: Environment, folder: string): Omit<AppConfig['tools'], 'mcpServers'> {
  const configPath = text(variables, 'NYX_MCP_CONFIG');
  return {
    searchPath: variables.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    requireSandbox: onOrOff(variables, 'NYX_REQUIRE_SANDBOX') ?? false,
    sandboxMemoryMb: wholeNumber(variables, 'SANDBOX_MEMORY_MB', { min: 64, max: 1_048_576 }) ?? 512,
    sandboxMaxRuns: wholeNumber(variables, 'SANDBOX_MAX_RUNS', { min: 1, max: 1000 }) ?? 4,
    sandboxAllowedHosts: hosts(variables, 'SANDBOX_ALLOWED_HOSTS'),
    httpAllowedHosts: hosts(variables, 'HTTP_ALLOWED_HOSTS'),
    privateRanges: ranges(variables, 'EGRESS_PRIVATE_RANGES'),
    mcpConfigPath: configPath === undefined ? undefined : resolve(folder, configPath),
    ratePerMinute: wholeNumber(variables, 'TOOL_RATE_PER_MINUTE', { min: 0, max: 1_000_000 }) ?? 120,
    maxCallsPerWorkflow: wholeNumber(variables, 'WORKFLOW_TOOL_CALLS', { min: 1, max: 1_000_000 }) ?? 500,
  };
}

function hosts(variables: Environment, name: string): readonly string[] {
  return list(variables, name).map((entry) => {
    const host = entry.toLowerCase();
    if (!isAllowedHost(host)) {
      throw new StartError(
        `${name} must be hosts separated by commas, such as api.example.com, *.example.com, example.com:8443, or * for every public host, and ${JSON.stringify(entry)} is none.`,
      );
    }
    return host;
  });
}

function ranges(variables: Environment, name: string): readonly string[] {
  for (const entry of list(variables, name)) {
    try {
      ipaddr.parseCIDR(entry);
    } catch {
      throw new StartError(
        `${name} must be address ranges separated by commas, such as 10.1.0.0/16, and ${JSON.stringify(entry)} is none.`,
      );
    }
  }
  return list(variables, name);
}

const list = (variables: Environment, name: string): readonly string[] =>
  (text(variables, name) ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
