import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workspaces } from '../../src/tools/workspace/workspaces.js';
import type { ProblemDocument } from '../../src/http/problem-document.js';
import type { Role } from '../../src/auth/roles.js';
import { expectProblem } from '../http/client.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { pathAttacks, setTraps } from './workspace-attacks.js';
import { type WorkspaceFolder, workspaceFolderIn } from './workspace-folder.js';

const FILES = '/api/v1/tools/files';
const MIB = 1024 * 1024;

let nyx: TestApp;
let folder: WorkspaceFolder;
beforeAll(async () => {
  const top = await mkdtemp(join(tmpdir(), 'nyx-files-'));
  nyx = await startApp({ workspaceDir: join(top, 'ws') });
  folder = await workspaceFolderIn(top, nyx.app.get(Workspaces).of('anyone'));
});
afterAll(async () => {
  await nyx.close();
  await folder.remove();
});
afterEach(async () => {
  for (const name of await readdir(folder.inside('.'))) await rm(folder.inside(name), { recursive: true });
});

interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  readonly body: unknown;
}

/** A request whose path goes out as it is: `fetch` would tidy it. */
async function send(
  role: Role | undefined,
  method: string,
  path: string,
  { body, headers }: { body?: Uint8Array; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const authorization = role === undefined ? {} : { authorization: `Bearer ${await nyx.token(role)}` };
  const { hostname, port } = new URL(nyx.url);
  return await new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { hostname, port, method, path, headers: { ...authorization, ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString();
          const answerHeaders = new Headers(
            Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
          );
          const isJson = /[/+]json/.test(answerHeaders.get('content-type') ?? '');
          const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: answer.statusCode ?? 0, headers: answerHeaders, bytes, text, body: parsed });
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

const put = (path: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<RawAnswer> =>
  send('operator', 'PUT', `${FILES}/${path}`, { body: Buffer.from(body), headers });

it('takes a file, gives it back, lists it and moves it to the trash', async () => {
  const made = await put('notes/plan%20%231.md', '# Plan');
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ path: 'notes/plan #1.md', name: 'plan #1.md', type: 'file', size_bytes: 6 });
  expect((await put('notes/plan%20%231.md', '# Plan 2')).status).toBe(200);
  expect(await readFile(folder.inside('notes/plan #1.md'), 'utf8')).toBe('# Plan 2');

  const answer = await send('viewer', 'GET', `${FILES}/notes/plan%20%231.md`);
  expect(answer.status).toBe(200);
  expect(answer.text).toBe('# Plan 2');
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'content-length': '8',
    'content-disposition': `attachment; filename="plan #1.md"; filename*=UTF-8''plan%20%231.md`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });

  expect((await send('viewer', 'GET', FILES)).body).toMatchObject({
    path: '.',
    items: [{ path: 'notes', type: 'directory', size_bytes: 0 }],
    next_cursor: null,
  });
  expect((await send('viewer', 'GET', `${FILES}/notes/`)).body).toMatchObject({
    path: 'notes',
    items: [{ name: 'plan #1.md' }],
  });

  expect((await send('operator', 'DELETE', `${FILES}/notes`)).status).toBe(204);
  expectProblem(await send('viewer', 'GET', `${FILES}/notes/plan%20%231.md`), 404, 'NOT_FOUND');
  expect(await readdir(folder.inside('.'))).toEqual(['.trash']);
});

it('takes JSON, forms and nothing as the files they are', async () => {
  for (const [type, body] of Object.entries({
    'application/json': '{"a":',
    'application/x-www-form-urlencoded': 'a=b',
    '': '',
  })) {
    expect((await put('file', body, { 'content-type': type })).status).toBeLessThan(300);
    expect(await readFile(folder.inside('file'), 'utf8')).toBe(body);
  }
  const path = `${FILES.toUpperCase()}/upper`;
  expect(
    (
      await send('operator', 'PUT', path, {
        body: Buffer.from('{"a":1}'),
        headers: { 'content-type': 'application/json' },
      })
    ).status,
  ).toBe(201);
  expect(await readFile(folder.inside('upper'), 'utf8')).toBe('{"a":1}');
});

it('pages through a folder', async () => {
  for (let index = 0; index < 5; index += 1) await writeFile(folder.inside(`${index}`), '');
  const names: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = (await send('viewer', 'GET', `${FILES}?limit=2${query}`)).body as {
      items: { name: string }[];
      next_cursor: string | null;
    };
    names.push(...page.items.map(({ name }) => name));
    cursor = page.next_cursor;
  }
  expect(names).toEqual(['0', '1', '2', '3', '4']);
  for (const foreign of ['!', 'null', Buffer.from('2026-12-01T00:00:00.000000Z x').toString('base64url')])
    expectProblem(await send('viewer', 'GET', `${FILES}?cursor=${foreign}`), 400, 'VALIDATION_ERROR');
  expectProblem(await send('viewer', 'GET', `${FILES}?limit=201`), 400, 'VALIDATION_ERROR');
});

it('lets viewers look and operators change', async () => {
  await writeFile(folder.inside('file'), 'text');
  for (const method of ['PUT', 'DELETE']) {
    expectProblem(await send('viewer', method, `${FILES}/file`), 403, 'FORBIDDEN');
    expectProblem(await send(undefined, method, `${FILES}/file`), 401, 'UNAUTHENTICATED');
  }
  expectProblem(await send(undefined, 'GET', `${FILES}/file`), 401, 'UNAUTHENTICATED');
  expect(await readFile(folder.inside('file'), 'utf8')).toBe('text');
});

it('says only what a HEAD asks for, and gives a range', async () => {
  await writeFile(folder.inside('bytes'), Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]));
  await writeFile(folder.inside('empty'), '');
  const head = await send('viewer', 'HEAD', `${FILES}/bytes`);
  expect([head.status, head.headers.get('content-length'), head.bytes.length]).toEqual([200, '8', 0]);
  expect(head.headers.get('content-type')).toBe('application/octet-stream');
  const part = await send('viewer', 'GET', `${FILES}/bytes`, { headers: { range: 'bytes=2-4' } });
  expect([part.status, part.headers.get('content-range'), [...part.bytes]]).toEqual([206, 'bytes 2-4/8', [2, 3, 4]]);
  for (const range of ['bytes=90-', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=x']) {
    const whole = await send('viewer', 'GET', `${FILES}/bytes`, { headers: { range } });
    expect([whole.status, whole.bytes.length]).toEqual([200, 8]);
  }
  expect((await send('viewer', 'GET', `${FILES}/empty`)).bytes.length).toBe(0);
});

it('takes 25 MiB and not a byte more, told or counted, and leaves nothing of it', async () => {
  const most = Buffer.alloc(25 * MIB, 'x');
  expect((await put('most', most)).status).toBe(201);
  expect((await stat(folder.inside('most'))).size).toBe(25 * MIB);
  const more = Buffer.alloc(25 * MIB + 1, 'x');
  expectProblem(await put('new/more', more), 413, 'PAYLOAD_TOO_LARGE');
  expectProblem(await put('new/more', more, { 'transfer-encoding': 'chunked' }), 413, 'PAYLOAD_TOO_LARGE');
  expectProblem(await put('most', more, { 'transfer-encoding': 'chunked' }), 413, 'PAYLOAD_TOO_LARGE');
  expect(await readdir(folder.inside('.'))).toEqual(['most']);
  expect((await stat(folder.inside('most'))).size).toBe(25 * MIB);
});

it('leaves nothing of an upload whose sender goes away', async () => {
  await writeFile(folder.inside('file'), 'old');
  const { hostname, port } = new URL(nyx.url);
  const headers = { authorization: `Bearer ${await nyx.token('operator')}`, 'content-length': String(10 * MIB) };
  const path = `${FILES}/file`;
  const outgoing = httpRequest({ hostname, port, method: 'PUT', path, headers });
  outgoing.on('error', () => undefined);
  outgoing.write(Buffer.alloc(MIB));
  await until('the upload began', async () => (await readdir(folder.inside('.'))).length === 2);
  outgoing.destroy();
  await until('the upload is forgotten', async () => (await readdir(folder.inside('.'))).length === 1);
  expect(await readFile(folder.inside('file'), 'utf8')).toBe('old');
});

it('refuses parts and encodings of files', async () => {
  expectProblem(await put('file', 'x', { 'content-encoding': 'gzip' }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  expectProblem(await put('file', 'x', { 'content-range': 'bytes 0-0/2' }), 400, 'VALIDATION_ERROR');
  expect(await readdir(folder.inside('.'))).toEqual([]);
});

it('says what collides', async () => {
  await mkdir(folder.inside('folder'));
  await writeFile(folder.inside('file'), 'text');
  expectProblem(await put('folder', 'x'), 409, 'CONFLICT');
  expectProblem(await put('folder/', 'x'), 409, 'CONFLICT');
  expectProblem(await put('file/x', 'x'), 409, 'CONFLICT');
  expectProblem(await put('.trash/x', 'x'), 409, 'CONFLICT');
  expectProblem(await send('operator', 'DELETE', `${FILES}/.`), 409, 'CONFLICT');
});

describe('attacks by the address', () => {
  let before: Record<string, string>;
  beforeEach(async () => {
    await setTraps(folder);
    before = await folder.outsideContents();
  });
  afterEach(async () => {
    expect(await folder.outsideReads()).toEqual([]);
    expect(await folder.outsideContents()).toEqual(before);
  });

  /** As it is where that can be sent, with every byte encoded, and with the dots and slashes encoded. */
  const spellings = (path: string): string[] => [
    ...(/^[\x21-\x7e]*$/.test(path) && !/[%?#]/.test(path) ? [path] : []),
    [...Buffer.from(path)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    encodeURIComponent(path).replaceAll('.', '%2E'),
  ];

  it('reads, writes and removes nothing outside, however it is spelt', async () => {
    for (const attack of pathAttacks(folder)) {
      for (const path of spellings(attack.path).filter((spelt) => spelt.length < 8000)) {
        const { status, text, body } = await send('admin', 'GET', `${FILES}/${path}`);
        const isRefused = attack.reading !== 'not_found';
        expect([attack.what, status, text]).toEqual([attack.what, isRefused ? 403 : 404, text]);
        if (isRefused)
          expect(body as ProblemDocument).toMatchObject({ error_code: 'TOOL_REFUSED', rule: attack.reading });
        if (attack.writing === undefined) continue;
        const written = await send('admin', 'PUT', `${FILES}/${path}`, { body: Buffer.from('mine') });
        expect([attack.what, written.status, written.body]).toMatchObject([attack.what, 403, { rule: attack.writing }]);
      }
      // Links and special files themselves go to the trash; nothing happens to what they stand for.
      const isLeaf = /^[a-z-]+$/.test(attack.path) && !['not_found', 'invalid_path'].includes(attack.reading);
      const removed = await send('admin', 'DELETE', `${FILES}/${encodeURIComponent(attack.path)}`);
      expect([attack.what, removed.status]).toEqual([attack.what, isLeaf ? 204 : removed.status]);
      expect(removed.status).toBeLessThan(500);
    }
  });

  it.each(['%00', 'real/file%00.txt', '%zz', '%ff', '%c0%ae%c0%ae/secret.txt', '%ed%a0%80'])(
    '%s is no path',
    async (path) => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expectProblem(await send('admin', method, `${FILES}/${path}`), 400, 'VALIDATION_ERROR');
      }
    },
  );

  it('sends a file as large as it was, and no FIFO holds it up', async () => {
    const sparse = await send('viewer', 'HEAD', `${FILES}/sparse`);
    expect(sparse.headers.get('content-length')).toBe(String(1024 ** 4));
    const part = await send('viewer', 'GET', `${FILES}/sparse`, { headers: { range: 'bytes=0-9' } });
    expect(part.bytes.length).toBe(10);
  });

  it('names cannot break out of the headers', async () => {
    await writeFile(folder.inside('a"; filename=evil\r\nX-Evil: 1;ü'), 'x');
    const answer = await send('viewer', 'GET', `${FILES}/${encodeURIComponent('a"; filename=evil\r\nX-Evil: 1;ü')}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-evil')).toBeNull();
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="[^"\\\r\n]*"; filename\*=UTF-8''[\w.%~!&+|^`#$-]*$/,
    );
  });
});
