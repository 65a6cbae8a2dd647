import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { McpServerConfig } from '../../src/config/mcp-server.js';
import { ConfigRoom } from './config-room.js';

const room = ConfigRoom.forThisFile();
const SECRET = 'ghp_16charsOrMore4711';

function write(content: unknown, name = 'mcp.json'): string {
  const path = join(room.folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const load = (servers: unknown, variables: Readonly<Record<string, string>> = {}): readonly McpServerConfig[] =>
  room.load({ NYX_MCP_CONFIG: write({ mcpServers: servers }), ...variables }).tools.mcpServers;
/** What is said after the name of the file. */
function refusal(content: unknown, variables: Readonly<Record<string, string>> = {}): string {
  const path = write(content);
  const sentence = room.refusal({ NYX_MCP_CONFIG: path, ...variables });
  const beginning = `The MCP configuration ${path}: `;
  expect(sentence.startsWith(beginning)).toBe(true);
  return sentence.slice(beginning.length);
}

describe('the file of MCP servers', () => {
  it('is not needed', () => {
    expect(room.load({}).tools.mcpServers).toEqual([]);
  });

  it('is the one in the data folder, unless another is named', () => {
    mkdirSync(join(room.folder, '.nyx'));
    write({ mcpServers: { one: { command: 'one' } } }, '.nyx/mcp.json');
    expect(room.load({}).tools.mcpServers).toMatchObject([{ name: 'one' }]);
    expect(load({ two: { command: 'two' } })).toMatchObject([{ name: 'two' }]);
  });

  it('is read as other clients have it', () => {
    const servers = {
      files: { type: 'stdio', command: 'npx', args: ['-y', 'server'], env: { LEVEL: 'debug' }, autoApprove: ['x'] },
      docs: { type: 'http', url: 'https://docs.example.com/mcp#top', headers: { Authorization: `Bearer ${SECRET}` } },
    };
    expect(load(servers)).toEqual([
      {
        kind: 'stdio',
        name: 'files',
        command: 'npx',
        args: ['-y', 'server'],
        environment: { LEVEL: 'debug' },
        allowedHosts: [],
        risk: 'execute',
        risks: {},
        timeoutSeconds: undefined,
        secrets: [],
      },
      {
        kind: 'http',
        name: 'docs',
        url: 'https://docs.example.com/mcp',
        headers: { Authorization: `Bearer ${SECRET}` },
        risk: 'network',
        risks: {},
        timeoutSeconds: undefined,
        secrets: [`Bearer ${SECRET}`, SECRET],
      },
    ]);
  });

  it('says more than that for NYX', () => {
    const files = {
      command: 'server',
      risk: 'write',
      risks: { look: 'read' },
      timeout_seconds: 90,
      allowed_hosts: ['API.example.com', '*.example.org:8443'],
    };
    expect(load({ files, off: { command: 'x', env: { A: '${NOT_SET}' }, disabled: true } })).toMatchObject([
      {
        risk: 'write',
        risks: { look: 'read' },
        timeoutSeconds: 90,
        allowedHosts: ['api.example.com', '*.example.org:8443'],
      },
    ]);
  });

  it('may name variables of the environment, in whose place their values stand and are kept secret', () => {
    const [files, docs] = load(
      {
        files: { command: 'x', env: { WHERE: '${PLACE}', HOW: '${HOW:-slowly, please}', COST: '$5 {a}' } },
        docs: { url: 'https://${HOST}/mcp?key=${KEY}', headers: { 'X-Key': '${KEY}' } },
      },
      { PLACE: 'somewhere', HOST: 'docs.example.com', KEY: SECRET },
    );
    expect(files).toMatchObject({
      environment: { WHERE: 'somewhere', HOW: 'slowly, please', COST: '$5 {a}' },
      secrets: ['slowly, please', 'somewhere'],
    });
    expect(docs).toMatchObject({ url: `https://docs.example.com/mcp?key=${SECRET}`, headers: { 'X-Key': SECRET } });
    expect(docs?.secrets).toContain(SECRET);
  });

  it('keeps what looks like a secret, and not what a server is to talk about', () => {
    const env = {
      GITHUB_PAT: 'abcdef',
      API_TOKEN: 'a secret',
      DB: 'postgres://user:hunter2@db.example.com/x',
      ID: 'AKIA4711AKIA4711AKIA',
      ROOT: '/workspace/documents/of/2026',
      MODE: 'production',
      TINY_KEY: '1',
    };
    expect(load({ files: { command: 'x', env } })[0]?.secrets).toEqual([env.DB, env.ID, env.API_TOKEN, env.GITHUB_PAT]);
    const args = [
      'serve',
      env.DB,
      '--token',
      'hunter2',
      '--api-key=hunter22',
      '--root=/workspace',
      '--auth',
      '--verbose',
    ];
    expect(load({ files: { command: 'x', args } })[0]?.secrets).toEqual([env.DB, 'hunter22', 'hunter2']);
  });
});

describe('a wrong file stops the start with one sentence that names the file and the place', () => {
  it.each<[string, unknown, string]>([
    ['no JSON', '{"mcpServers": {\n"a": }}', 'The file must be JSON, and is not'],
    ['a list', [], 'The file must be an object'],
    ['no servers', { servers: {} }, 'The file must be an object with "mcpServers"'],
    ['servers as a list', { mcpServers: [] }, 'mcpServers must be an object'],
    [
      'a bad name',
      { mcpServers: { 'a b': { command: 'x' } } },
      'The name "a b" in mcpServers must be 1 to 64 of A-Z, a-z, 0-9, _ and -',
    ],
    ['neither way', { mcpServers: { a: {} } }, 'mcpServers.a must have either "command" or "url"'],
    [
      'both ways',
      { mcpServers: { a: { command: 'x', url: 'https://a.example' } } },
      'mcpServers.a must have either "command" or "url"',
    ],
    [
      'an old kind',
      { mcpServers: { a: { type: 'sse', url: 'https://a.example' } } },
      'mcpServers.a.type must be "http" (streamable HTTP), as it has a url',
    ],
    [
      'an unknown key',
      { mcpServers: { a: { command: 'x', rsik: 'read' } } },
      'mcpServers.a must not have "rsik": it knows',
    ],
    [
      'a key of the other kind',
      { mcpServers: { a: { url: 'https://a.example', allowed_hosts: [] } } },
      'mcpServers.a must not have "allowed_hosts"',
    ],
    ['an empty command', { mcpServers: { a: { command: ' ' } } }, 'mcpServers.a.command must name a program'],
    ['args that are none', { mcpServers: { a: { command: 'x', args: 'y' } } }, 'mcpServers.a.args must be a list'],
    ['an argument', { mcpServers: { a: { command: 'x', args: [1] } } }, 'mcpServers.a.args[0] must be a text'],
    ['a risk', { mcpServers: { a: { command: 'x', risk: 'none' } } }, 'mcpServers.a.risk must be one of read, write'],
    [
      'a risk of a tool',
      { mcpServers: { a: { command: 'x', risks: { t: 1 } } } },
      'mcpServers.a.risks.t must be one of',
    ],
    [
      'a time',
      { mcpServers: { a: { command: 'x', timeout_seconds: 0 } } },
      'mcpServers.a.timeout_seconds must be a whole',
    ],
    [
      'a switch',
      { mcpServers: { a: { command: 'x', disabled: 'no' } } },
      'mcpServers.a.disabled must be true or false',
    ],
    [
      'a host',
      { mcpServers: { a: { command: 'x', allowed_hosts: ['a/b'] } } },
      'mcpServers.a.allowed_hosts[0] must be a',
    ],
    ['a scheme', { mcpServers: { a: { url: 'file:///etc/passwd' } } }, 'mcpServers.a.url must be an address with http'],
    [
      'a user',
      { mcpServers: { a: { url: 'https://u:p@a.example' } } },
      'mcpServers.a.url must be an address with http',
    ],
    [
      'a variable',
      { mcpServers: { a: { command: 'x', env: { B: '${GONE}' } } } },
      'mcpServers.a.env.B must name variables',
    ],
    [
      'a name in env',
      { mcpServers: { a: { command: 'x', env: { 'B C': '' } } } },
      'Each name in mcpServers.a.env must be',
    ],
    [
      'a header',
      { mcpServers: { a: { url: 'https://a.example', headers: { X: 'a\r\nb: c' } } } },
      'mcpServers.a.headers.X must be printable ASCII',
    ],
  ])('%s', (_what, content, sentence) => {
    expect(refusal(content)).toContain(sentence);
  });

  it('a file that is named and not there', () => {
    const path = join(room.folder, 'gone.json');
    expect(room.refusal({ NYX_MCP_CONFIG: path })).toBe(
      `The MCP configuration ${path} cannot be read (ENOENT): set NYX_MCP_CONFIG to a file that is there.`,
    );
  });

  it.each(['JWT_SECRET', 'DATABASE_URL', 'ANTHROPIC_API_KEY', 'NYX_API_KEY', 'NYX_ADMIN_PASSWORD', 'SECRET_KEY'])(
    'that would hand out %s',
    (name) => {
      const content = { mcpServers: { a: { url: 'https://a.example', headers: { X: `\${${name}}` } } } };
      expect(refusal(content)).toBe(`mcpServers.a.headers.X must not hand out ${name}, which is a secret of NYX.`);
    },
  );

  it.each([
    ['no JSON', `{"mcpServers": {"a": {"command": "x", "env": {"TOKEN": "${SECRET}"}}}`],
    ['no JSON, early', `{"mcpServers": ${SECRET}}`],
    ['a wrong value', { mcpServers: { a: { url: 'https://a.example', headers: { X: `${SECRET}\n` } } } }],
    ['a wrong address', { mcpServers: { a: { url: `ftp://a.example/?${SECRET}` } } }],
  ])('and never shows a secret: %s', (_what, content) => {
    expect(refusal(content)).not.toContain(SECRET);
  });
});
