import type { MessageDeltaUsage, MessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';

type Delta = Extract<MessageStreamEvent, { type: 'content_block_delta' }>['delta'];
type Begun = Extract<MessageStreamEvent, { type: 'content_block_start' }>['content_block'];

/**
 * What of an answer has arrived, as a bound on the output tokens it has taken: a token has at least one byte. That holds for a text,
 * which comes as it is said. The input of a tool is kept back until it is whole, and between two blocks the next one may have been
 * begun: then it may be anything.
 */
export class HeardAnswer {
  hasBegun = false;
  private most = 0;
  private comesAsItIsSaid = false;

  hear(event: MessageStreamEvent): void {
    switch (event.type) {
      case 'message_start':
        this.hasBegun = true;
        break;
      case 'content_block_start':
        this.most += bytesOfBegun(event.content_block);
        this.comesAsItIsSaid = event.content_block.type === 'text';
        break;
      case 'content_block_delta':
        this.most += Buffer.byteLength(saidBy(event.delta));
        break;
      case 'content_block_stop':
        this.comesAsItIsSaid = false;
        break;
      case 'message_delta':
        // What was said until then is counted.
        this.most = countOf(event.usage);
        this.comesAsItIsSaid = true;
    }
  }

  /** Infinite where nothing that came bounds it. */
  get mostOutputTokens(): number {
    return this.comesAsItIsSaid ? this.most : Infinity;
  }
}

/** Of all that was said before; a compatible server may leave it out. */
const countOf = (usage: Partial<MessageDeltaUsage> | undefined): number =>
  Number.isSafeInteger(usage?.output_tokens) ? (usage?.output_tokens ?? 0) : 0;

/** How many tokens the beginning of a block can have taken. Of what a model thinks only a summary comes, or nothing: it may be anything. */
function bytesOfBegun(block: Begun): number {
  if (block.type === 'text') return Buffer.byteLength(block.text);
  return block.type === 'tool_use' ? Buffer.byteLength(JSON.stringify(block)) : Infinity;
}

/** What a piece of an answer adds to it: every part of it is paid as output, also what nobody is shown. */
function saidBy(delta: Delta): string {
  switch (delta.type) {
    case 'text_delta':
      return delta.text;
    case 'input_json_delta':
      return delta.partial_json;
    default:
      return '';
  }
}
