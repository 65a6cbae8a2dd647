import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { shownCode } from './error-code.js';
import type { McpServerConfig } from './mcp-server.js';
import { McpConfigError, mcpServersOf } from './mcp-servers.rules.js';
import type { Environment } from './settings.rules.js';
import { StartError } from './start-error.js';

const MAX_BYTES = 1_048_576;

/**
 * The MCP servers that are configured: those of the named file, or of `mcp.json` in the data folder where there is one.
 * @throws StartError one sentence with the file and the place in it
 */
export function readMcpServers(
  namedFile: string | undefined,
  dataDir: string,
  variables: Environment,
): readonly McpServerConfig[] {
  const path = namedFile ?? join(dataDir, 'mcp.json');
  const text = read(path, namedFile !== undefined);
  if (text === undefined) return [];
  try {
    return mcpServersOf(parse(text, path), variables);
  } catch (error) {
    if (error instanceof McpConfigError) throw wrong(path, error.message);
    throw error;
  }
}

const wrong = (path: string, what: string): StartError => new StartError(`The MCP configuration ${path}: ${what}.`);

function read(path: string, isNamed: boolean): string | undefined {
  try {
    if (statSync(path).size > MAX_BYTES) throw wrong(path, `The file must have at most ${MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = shownCode(error);
    // A data folder that is none is told of by whoever needs one.
    if (!isNamed && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    throw new StartError(
      `The MCP configuration ${path} cannot be read (${code})${isNamed ? ': set NYX_MCP_CONFIG to a file that is there' : ''}.`,
      { cause: error },
    );
  }
}

/** The parser's own words quote the file, which may hold secrets: only where it stopped is told. */
function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    const line = position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`;
    throw wrong(path, `The file must be JSON, and is not${line}`);
  }
}
