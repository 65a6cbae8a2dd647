import { FILE_OPERATIONS } from '../../src/tools/builtin/file-operations/parameters.js';
import type { AttackStage } from './attack-stage.js';
import { pathAttacks, unsendablePaths } from './workspace-attacks.js';

/** One call that means harm, of whoever makes it. */
export interface Attack {
  readonly what: string;
  readonly tool: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What refuses it. Undefined: it may run, and fail or succeed, as long as it does no harm. */
  readonly rule?: string;
}

const INVALID = 'invalid_parameters';
/** Rules that need nothing but the path itself, so that they hold for every operation. */
const BY_PATH_ALONE = ['outside_workspace', 'invalid_path'];
const MAX_PATH_CHARS = 4096;
const TO_PLACES = ['copy_file', 'move_file'];

/** Every operation of the file tool with every path that leads out, in both places where it takes one. */
export function fileAttacks(stage: AttackStage): Attack[] {
  const paths = [...pathAttacks(stage.folder), ...unsendablePaths];
  // What changes comes last: it may take a trap away.
  const operations = [...FILE_OPERATIONS].sort((one, other) => Number(CHANGES.has(one)) - Number(CHANGES.has(other)));
  return operations.flatMap((operation) =>
    paths.flatMap(({ what, path, reading, writing }): Attack[] => {
      const isWriting = CHANGES.has(operation) && !TO_PLACES.includes(operation) && operation !== 'delete_file';
      const attack = (more: Record<string, unknown>, rule: string | undefined): Attack => ({
        what: `${operation} with ${what}`,
        tool: 'file_operations',
        parameters: { operation, ...EXTRAS[operation], ...more },
        rule: ruleOf(path, rule, operation === 'read_file'),
      });
      const asPath = { path, ...(TO_PLACES.includes(operation) && { destination: `copy-of-${operation}` }) };
      const asDestination = { path: 'real/file', destination: path };
      return [
        attack(asPath, isWriting ? writing : reading),
        ...(TO_PLACES.includes(operation) ? [attack(asDestination, writing)] : []),
      ];
    }),
  );
}

const CHANGES: ReadonlySet<string> = new Set([
  'write_file',
  'create_directory',
  'copy_file',
  'move_file',
  'delete_file',
]);
const EXTRAS: Readonly<Record<string, Record<string, unknown>>> = {
  write_file: { content: 'changed' },
  search_files: { pattern: '*secret*' },
  find_pattern: { pattern: 'nobody|root', include_ignored: true },
};

function ruleOf(path: string, code: string | undefined, isExact: boolean): string | undefined {
  if (path === '' || path.length > MAX_PATH_CHARS || !path.isWellFormed() || path.includes('\0')) return INVALID;
  if (code === undefined || code === 'not_found') return undefined;
  return isExact || BY_PATH_ALONE.includes(code) ? code : undefined;
}

/** Parameters that are to cost time or memory, or to be more than they are. */
export function parameterAttacks(): Attack[] {
  const file = (what: string, parameters: Record<string, unknown>, rule?: string): Attack => ({
    what,
    tool: 'file_operations',
    parameters,
    rule,
  });
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
  const find = { operation: 'find_pattern', path: 'many-a' };
  return [
    file('a regular expression that explodes', { ...find, pattern: '^(a+)+$' }),
    file('one that explodes in another way', { ...find, pattern: '(a|aa)+$' }),
    file('one that is all repetition', { ...find, pattern: '((a{0,100}){0,100}){0,100}' }),
    file('a back-reference', { ...find, pattern: '(a)\\1' }),
    file('a glob that explodes', { operation: 'search_files', pattern: '{a,b}'.repeat(40) }),
    file('a glob of stars', { operation: 'search_files', pattern: `${'*a'.repeat(60)}b` }),
    file('a pattern that leads out', { operation: 'search_files', pattern: '../*' }),
    file('an include that leads out', { operation: 'find_pattern', pattern: 'nobody', include: '../**' }),
    file('deep JSON', { operation: 'read_file', path: nested(25) }, INVALID),
    file('a list for a path', { operation: 'read_file', path: ['..', 'secret.txt'] }, INVALID),
    file('an operation that is none', { operation: 'chmod', path: 'real/file' }, INVALID),
    file('a flag that is none', { operation: 'read_file', path: 'real/file', follow_symlinks: true }, INVALID),
    file('a root of its own', { operation: 'read_file', path: 'secret.txt', root: '..' }, INVALID),
    file('a sparse terabyte', { operation: 'read_file', path: 'sparse' }),
    file('a copy of a sparse terabyte', { operation: 'copy_file', path: 'sparse', destination: 'sparse2' }),
    file('a search of a sparse terabyte', { operation: 'find_pattern', path: 'sparse', pattern: 'x' }),
    file('a folder into itself', { operation: 'copy_file', path: 'real', destination: 'real/deeper' }),
  ];
}

/**
 * Where no request may arrive, and the rule that says so.
 * @param allowed a place that may be reached
 * @param port of a trap
 * @param allowedPrivate a place that is allowed, at an address that is not
 */
export const addressAttacks = (
  allowed: string,
  port: number,
  allowedPrivate = `10.0.0.1:${port}`,
): [string, string][] => [
  ['http://169.254.169.254/latest/meta-data/', 'host_not_allowed'],
  ['http://[::ffff:a9fe:a9fe]/', 'host_not_allowed'],
  ['http://[fd00:ec2::254]/', 'host_not_allowed'],
  ['http://[64:ff9b::a9fe:a9fe]/', 'host_not_allowed'],
  ['http://[2002:7f00:1::]/', 'host_not_allowed'],
  [`http://${allowedPrivate}/`, 'private_address'],
  [`http://127.0.0.1:${port}/`, 'port'],
  [`http://2130706433:${port}/`, 'port'],
  [`http://0x7f.1:${port}/`, 'port'],
  [`http://0177.0.0.1:${port}/`, 'port'],
  [`http://127.1:${port}/`, 'port'],
  [`http://0.0.0.0:${port}/`, 'host_not_allowed'],
  [`http://localhost:${port}/`, 'host_not_allowed'],
  [`http://localhost.:${port}/`, 'host_not_allowed'],
  [`http://[::1]:${port}/`, 'host_not_allowed'],
  [`http://${allowed}@127.0.0.1:${port}/`, 'user_info'],
  [`http://${allowed}\\@127.0.0.1:${port}/`, 'bad_url'],
  [`http://127.0.0.1%00.example:${port}/`, 'bad_url'],
  ['file:///etc/passwd', 'scheme'],
  [`gopher://127.0.0.1:${port}/_x`, 'scheme'],
];

/** @param allowed a place that may be reached, on 127.0.0.1 @param apiUrl NYX itself */
export function requestAttacks(stage: AttackStage, allowed: string, apiUrl: string): Attack[] {
  const privatePlace = allowed.replace('127.0.0.1', '10.0.0.1');
  const request = (what: string, parameters: Record<string, unknown>, rule?: string): Attack => ({
    what,
    tool: 'http_request',
    parameters,
    rule,
  });
  const url = `http://${allowed}/`;
  return [
    ...addressAttacks(allowed, stage.port, privatePlace).map(([address, rule]) =>
      request(address, { url: address }, rule),
    ),
    request('NYX itself', { url: `${apiUrl}/api/v1/system/health` }, 'port'),
    request('a post to NYX itself', { url: `${apiUrl}/api/v1/tools/execute`, method: 'POST', body: '{}' }, 'port'),
    request('an empty host', { url: 'http:///etc/passwd' }),
    request('a socket', { url: `unix://${stage.socketPath}` }, 'scheme'),
    request('NUL in a host', { url: `http://127.0.0.1\0.example/` }, INVALID),
    request('hosts of its own', { url, allowed_hosts: ['*'] }, INVALID),
    request('another method', { url, method: 'CONNECT' }, INVALID),
    request('a proxy of its own', { url, proxy: `http://127.0.0.1:${stage.port}` }, INVALID),
    request('two hosts', { url, headers: [{ name: 'Host', value: `127.0.0.1:${stage.port}` }] }),
    request('a request in a header', {
      url,
      headers: [{ name: 'X-A', value: `a\r\n\r\nGET http://127.0.0.1:${stage.port}/ HTTP/1.1` }],
    }),
  ];
}
