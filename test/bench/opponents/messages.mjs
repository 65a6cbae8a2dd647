import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './child.mjs';

/**
 * A server that speaks as much of the Messages API as a streamed answer needs, and takes `firstMs` before its first event: what it is when
 * the request arrives. It tells how many arrived.
 */
let firstMs = 0;
let arrived = 0;
const WORDS = Array.from({ length: 40 }, (_, number) => `word${number} `);
const usage = { input_tokens: 20, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
const opening = {
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage,
};

const events = (model) => [
  { type: 'message_start', message: { ...opening, model } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...WORDS.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { ...usage, output_tokens: WORDS.length },
  },
  { type: 'message_stop' },
];

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  if (request.method !== 'POST') {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    return;
  }
  arrived += 1;
  const { model } = JSON.parse(Buffer.concat(parts));
  if (firstMs > 0) await sleep(firstMs);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events(model)) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
});

server.listen(0, '127.0.0.1', () => {
  const answer = (asked) => {
    firstMs = asked.firstMs;
    return { arrived };
  };
  serve(answer, { url: `http://127.0.0.1:${server.address().port}` });
});
