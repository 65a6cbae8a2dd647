import fc from 'fast-check';
import { appendFile, stat, truncate } from 'node:fs/promises';
import { FileRoom, MEBIBYTE } from './file-room.js';

const room = new FileRoom();
const { output, put, result } = room;

describe('read_file', () => {
  it('gives a file as it is', async () => {
    await put({ 'a.txt': 'one\r\ntwo\n\nthree' });
    expect(await output({ operation: 'read_file', path: 'a.txt' })).toEqual({
      path: 'a.txt',
      content: 'one\r\ntwo\n\nthree',
      start_line: 1,
      end_line: 4,
      total_lines: 4,
      total_bytes: 15,
      truncated: false,
    });
  });

  it('gives a range, and says how to read on', async () => {
    await put({ 'a.txt': '1\n2\n3\n4\n5\n' });
    const range = await output({ operation: 'read_file', path: 'a.txt', start_line: 2, max_lines: 2 });
    expect(range).toMatchObject({
      content: '2\n3\n',
      end_line: 3,
      total_lines: 5,
      truncated: true,
      next_start_line: 4,
    });
    const rest = await output({ operation: 'read_file', path: 'a.txt', start_line: 4 });
    expect(rest).toMatchObject({ content: '4\n5\n', truncated: false });
    const beyond = await result({ operation: 'read_file', path: 'a.txt', start_line: 9 });
    expect(beyond).toMatchObject({ success: false, errorMessage: expect.stringContaining('5 lines') as string });
  });

  it('gives an empty file as one', async () => {
    await put({ empty: '' });
    expect(await output({ operation: 'read_file', path: 'empty' })).toMatchObject({ content: '', total_lines: 0 });
  });

  it('reads on through everything, whatever the lines are', async () => {
    const line = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constant('x'.repeat(300_000)),
      fc.constant('"\\'.repeat(150_000)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 8 }), async (lines) => {
        const text = lines.map((one) => one.replaceAll(/[\n\0]/g, '')).join('\n');
        await put({ 'any.txt': text });
        let read = '';
        for (let next: unknown = 1; next !== undefined;) {
          const part = await output({
            operation: 'read_file',
            path: 'any.txt',
            start_line: Number(next),
            encoding: 'utf-8',
          });
          read += String(part.content);
          next = part.next_start_line;
        }
        expect(read).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  it('tells the beginning of a line that fits into no answer, and goes on after it', async () => {
    await put({ 'long.txt': `${'é'.repeat(3 * MEBIBYTE)}\nend\n` });
    const first = await output({ operation: 'read_file', path: 'long.txt' });
    expect(first).toMatchObject({ end_line: 1, total_lines: 2, truncated: true, next_start_line: 2 });
    expect(String(first.content).length).toBeGreaterThan(100_000);
    expect(await output({ operation: 'read_file', path: 'long.txt', start_line: 2 })).toMatchObject({
      content: 'end\n',
    });
  });

  it('tells encodings, and takes one', async () => {
    await put({ latin: Buffer.from('caf\xe9 cr\xe8me br\xfbl\xe9e', 'latin1'), bom: '\uFEFFtext' });
    expect(await result({ operation: 'read_file', path: 'latin' })).toMatchObject({
      output: { content: 'café crème brûlée' },
      metadata: { encoding: 'windows-1252', is_binary: false },
    });
    expect(await result({ operation: 'read_file', path: 'bom' })).toMatchObject({
      output: { content: 'text' },
      metadata: { encoding: 'utf-8-bom' },
    });
    expect(await result({ operation: 'read_file', path: 'latin', encoding: 'utf-8' })).toMatchObject({
      metadata: { has_undecodable_characters: true },
    });
  });

  it('tells what is no text', async () => {
    await put({ 'a.png': Buffer.from('\x89PNG\r\n\x1a\n\0', 'latin1') });
    expect(await result({ operation: 'read_file', path: 'a.png' })).toMatchObject({
      success: true,
      output: { content: null, total_bytes: 9 },
      metadata: { is_binary: true, media_type: 'image/png', size_bytes: 9 },
    });
  });

  it('reads ten lines of a large file, and refuses a sparse terabyte', async () => {
    await put({ 'large.txt': 'line\n'.repeat(4_000_000) });
    const before = process.memoryUsage().rss;
    expect(
      await output({ operation: 'read_file', path: 'large.txt', start_line: 3_000_000, max_lines: 10 }),
    ).toMatchObject({
      content: 'line\n'.repeat(10),
      total_lines: 4_000_000,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MEBIBYTE);
    await truncate(room.folder.inside('large.txt'), 1024 ** 4);
    expect(await result({ operation: 'read_file', path: 'large.txt' })).toMatchObject({
      success: false,
      errorMessage: expect.stringContaining('100 MB') as string,
    });
  });

  it('ends where a growing file ended when it was opened', async () => {
    await put({ growing: 'x\n'.repeat(100_000) });
    const stop = new AbortController();
    const growth = (async () => {
      while (!stop.signal.aborted) await appendFile(room.folder.inside('growing'), 'y\n'.repeat(50_000));
    })();
    const read = await output({ operation: 'read_file', path: 'growing' });
    stop.abort();
    await growth;
    expect(Number(read.total_bytes)).toBeLessThan((await stat(room.folder.inside('growing'))).size);
  });
});
