import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, VARIABLES } from '../../src/config/load-config.js';
import { unknownNames, warningOf } from '../../src/config/unknown-names.rules.js';
import { ConfigRoom } from './config-room.js';

const room = ConfigRoom.forThisFile();
const warningsOf = (env: string): readonly string[] => {
  writeFileSync(join(room.folder, '.env'), env);
  return loadConfig(room.folder).warnings;
};
const known = new Set<string>(VARIABLES);
const inProcess = (...names: string[]): string[] => unknownNames({ ofFile: [], ofProcess: names }, known);

describe('a name in .env that nobody reads', () => {
  it('is warned of, with the one that is near', () => {
    expect(warningsOf('LLM_DAILY_BUDGT_USD=1\nport=9000\nCOLOUR=blue\n')).toEqual([
      'COLOUR is set, and NYX reads no variable of that name.',
      'LLM_DAILY_BUDGT_USD is set, and NYX reads no variable of that name: use LLM_DAILY_BUDGET_USD.',
      'port is set, and NYX reads no variable of that name: use PORT.',
    ]);
  });

  it('is none that is read, also of the first NYX, in a file, or by the configuration of MCP servers', () => {
    const file = (name: string, content: string): void => writeFileSync(join(room.folder, name), content);
    file('url', 'postgresql://nyx@localhost/nyx');
    mkdirSync(join(room.folder, '.nyx'));
    const server = { url: 'http://127.0.0.1:1', headers: { 'X-Key': '${KEY_OF_MY_SERVER}' } };
    file('.nyx/mcp.json', JSON.stringify({ mcpServers: { mine: server } }));
    const warnings = warningsOf('API_PORT=9000\nDATABASE_URL_FILE=url\nKEY_OF_MY_SERVER=k\n');
    expect(warnings).toEqual(['API_PORT is the name of an earlier NYX: use PORT.']);
  });

  it('is none of Compose or of the tests, and none that is empty', () => {
    expect(warningsOf('COMPOSE_PROJECT_NAME=nyx\nTEST_DATABASE_URL=postgresql://localhost/x\nCOLOUR=\n')).toEqual([]);
  });
});

describe('a name in the environment of the process', () => {
  it('is warned of where it must be meant for NYX', () => {
    const typos = ['NYX_ROLE', 'LLM_MODEL', 'RETENTION_DAYS', 'SANDBOX_MEMORY', 'OIDC_AUDIENCE_FILE'];
    expect(inProcess(...typos, 'PATH', 'COLOUR', 'ANTHROPIC_MODEL', ...VARIABLES)).toEqual(typos);
  });

  it('is not what Kubernetes tells of a Service that is called nyx', () => {
    const ofService = ['NYX_SERVICE_HOST', 'NYX_SERVICE_PORT_HTTP', 'NYX_PORT', 'NYX_PORT_8000_TCP_ADDR'];
    expect(inProcess(...ofService, 'NYX_ROLE')).toEqual(['NYX_ROLE']);
    expect(inProcess('NYX_PORT')).toEqual(['NYX_PORT']);
  });
});

it.each(VARIABLES)('%s is found again with a letter left out, or two changed places, or after NYX_', (name) => {
  const [first = '', second = '', ...rest] = name;
  for (const typo of [
    `${first}${rest.join('')}`,
    `NYX_${name}`,
    ...(name.length < 6 ? [] : [`${second}${first}${rest.join('')}`]),
  ])
    expect(warningOf(typo, VARIABLES)).toContain(`: use ${name}.`);
});
