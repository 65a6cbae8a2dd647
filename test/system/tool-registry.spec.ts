import { ToolRegistry } from '../../src/tools/tool-registry.js';
import type { Tool } from '../../src/tools/tool.js';

const tool = (name: string, reason?: string): Tool => ({
  name,
  description: `Does ${name}.`,
  operations: [],
  parametersSchema: { type: 'object' },
  risk: 'low',
  availability: () => (reason === undefined ? { available: true } : { available: false, reason }),
});

describe('the tool registry', () => {
  it('is empty as long as nobody registers', () => {
    expect(new ToolRegistry().available()).toEqual({ tools: [] });
  });

  it('lists tools by name, and says why one cannot be used', () => {
    const registry = new ToolRegistry();
    registry.register(tool('write', 'No disk.'), tool('read'));
    expect(registry.available().tools).toMatchObject([
      { name: 'read', available: true },
      { name: 'write', available: false, reason: 'No disk.' },
    ]);
    expect(registry.find('read')?.description).toBe('Does read.');
  });

  it('refuses a name that is taken, naming it', () => {
    const registry = new ToolRegistry();
    registry.register(tool('read'));
    expect(() => registry.register(tool('read'))).toThrow('Two tools are called read.');
  });
});
