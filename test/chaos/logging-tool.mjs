/**
 * Preloaded into the built NYX: one more tool, which cannot be repeated and writes down when it begins and ends. Its `hang` never ends.
 */
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { Tool } from '../../dist/src/tools/tool.js';
import { ToolRegistry } from '../../dist/src/tools/tool-registry.js';

const log = (line) => appendFileSync(process.env.TEST_TOOL_LOG, `${line}\n`);

class LoggingTool extends Tool {
  name = 'log_line';
  description = 'Writes a line.';
  operations = [];
  risk = process.env.TEST_TOOL_RISK ?? 'write';
  parametersSchema = {
    type: 'object',
    properties: { line: { type: 'string' } },
    required: ['line'],
    additionalProperties: false,
  };

  async run({ line }) {
    log(`${line} begins`);
    if (line === 'hang') await new Promise(() => undefined);
    log(`${line} ends`);
    return { success: true, output: `Wrote ${line}.` };
  }
}

const { register } = ToolRegistry.prototype;
ToolRegistry.prototype.register = function (...tools) {
  register.apply(this, this.find('log_line') === undefined ? [new LoggingTool(), ...tools] : tools);
};
