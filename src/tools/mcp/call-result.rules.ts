import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/sdk/types.js';
import { cutTo } from '../../database/cut.rules.js';
import { storableText } from '../../database/storable.js';
import { unacceptableIn } from '../../http/plain-json.rules.js';
import type { ToolResult } from '../tool.js';
import { blotOutIn, oneLine, type Blot } from './blotting.rules.js';

/** Of all texts together, in characters. */
const MAX_TEXT_LENGTH = 524_288;
const MAX_STRUCTURED_LENGTH = 262_144;
const MAX_BLOCKS = 500;
const MAX_LABEL_LENGTH = 2_000;
const MAX_ERROR_LENGTH = 500;

/** A block of a result, with what is binary told by type and size. */
type Block = Readonly<Record<string, unknown>>;

/** What a server answered a call, bounded and without the secrets it was given. */
export function toolResultOf(result: CallToolResult, blot: Blot): ToolResult {
  const budget = { left: MAX_TEXT_LENGTH };
  const content = result.content.slice(0, MAX_BLOCKS).map((block) => readBlock(block, budget, blot));
  const structured = structuredOf(result.structuredContent, blot);
  const leftOut = result.content.length - content.length;
  const output = { content, ...structured, ...(leftOut > 0 && { blocks_left_out: leftOut }) };
  if (result.isError !== true) return { success: true, output };
  return { success: false, output, errorMessage: errorOf(content) };
}

const errorOf = (content: readonly Block[]): string => {
  const text = content.map((block) => block.text).find((each) => typeof each === 'string' && each.trim() !== '');
  return text === undefined ? 'The tool failed without saying why.' : oneLine(text as string, MAX_ERROR_LENGTH);
};

function structuredOf(value: CallToolResult['structuredContent'], blot: Blot): Block {
  if (value === undefined) return {};
  // It is bounded in depth before anything recursive reads it.
  if (unacceptableIn(value) !== undefined || JSON.stringify(value).length > MAX_STRUCTURED_LENGTH) {
    return { structured_content_left_out: true };
  }
  return { structured_content: blotOutIn(value, blot) };
}

function readBlock(block: ContentBlock, budget: { left: number }, blot: Blot): Block {
  const label = (text: string): string => oneLine(blot(text.slice(0, MAX_LABEL_LENGTH * 4)), MAX_LABEL_LENGTH);
  switch (block.type) {
    case 'text':
      return { type: 'text', ...cut(block.text, budget, blot) };
    case 'image':
    case 'audio':
      return { type: block.type, mime_type: label(block.mimeType), is_binary: true, bytes: bytesOf(block.data) };
    case 'resource': {
      const { resource } = block;
      const about = { type: 'resource', uri: label(resource.uri), mime_type: label(resource.mimeType ?? '') };
      if ('text' in resource) return { ...about, ...cut(resource.text, budget, blot) };
      return { ...about, is_binary: true, bytes: bytesOf(resource.blob) };
    }
    case 'resource_link':
      return {
        type: 'resource_link',
        uri: label(block.uri),
        name: label(block.name),
        mime_type: label(block.mimeType ?? ''),
        ...(block.description !== undefined && { description: label(block.description) }),
      };
  }
}

function cut(text: string, budget: { left: number }, blot: Blot): Block {
  const clean = storableText(blot(text));
  const kept = cutTo(clean, budget.left);
  budget.left -= kept.length;
  return kept.length === clean.length ? { text: kept } : { text: kept, is_truncated: true, characters: clean.length };
}

/** Of what base64 stands for. */
const bytesOf = (base64: string): number => {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.max(0, Math.floor((base64.length * 3) / 4) - padding);
};
