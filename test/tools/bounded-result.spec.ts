import fc from 'fast-check';
import { boundedResult, KEPT_BYTES } from '../../src/tools/run/bounded-result.rules.js';

const bounded = (output: unknown) => boundedResult({ success: true, output });

describe('a result', () => {
  it('is JSON of storable characters whose parts keep 1 MiB, whatever the tool brought', () => {
    const UNSTORABLE = /\0|\p{Surrogate}/u;
    const anyText = fc.string({ unit: 'binary' }).map((text) => `${text}\0\ud800`);
    fc.assert(
      fc.property(
        fc.anything({ key: anyText, values: [anyText, fc.double(), fc.constant(undefined)], maxDepth: 4 }),
        anyText,
        (output, text) => {
          const result = boundedResult({
            success: true,
            output,
            stdout: text,
            errorMessage: text,
            metadata: { [text]: text },
          });
          const json = JSON.stringify(result);
          expect(UNSTORABLE.test(json)).toBe(false);
          expect(/\\u0000|\\ud[89a-f]/.test(json.replaceAll('\\\\', ''))).toBe(false);
          expect(result.metadata).toMatchObject({ stdout_binary: true });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is cut between characters', () => {
    for (const character of ['a', 'é', '€', '😀']) {
      const whole = `-${character.repeat(KEPT_BYTES)}`;
      const { output, metadata } = bounded(whole);
      expect(Buffer.byteLength(output as string)).toBeGreaterThan(KEPT_BYTES - 4);
      expect(Buffer.byteLength(output as string)).toBeLessThanOrEqual(KEPT_BYTES);
      expect(whole.startsWith(output as string)).toBe(true);
      expect(metadata).toEqual({ output_truncated: true, output_total_bytes: Buffer.byteLength(whole) });
    }
  });

  it('tells of binary output, and keeps none of it', () => {
    expect(bounded(Buffer.from([0, 255]))).toMatchObject({
      output: null,
      metadata: { output_binary: true, output_total_bytes: 2 },
    });
  });

  it('keeps what is nested too deep as text', () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 1000; depth += 1) deep = [deep];
    const { output, metadata } = bounded(deep);
    expect(JSON.parse(output as string)).toEqual(deep);
    expect(metadata).toEqual({ output_as_text: true });
  });

  it('has bounded metadata and an exit code that is one', () => {
    const { metadata, exitCode } = boundedResult({
      success: false,
      output: undefined,
      exitCode: 1.5,
      metadata: { all: 'x'.repeat(100_000) },
    });
    expect(metadata).toEqual({ metadata_truncated: true, metadata_total_bytes: 100_010 });
    expect(exitCode).toBeUndefined();
  });

  it('is none when its output is no JSON', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => bounded(circle)).toThrow(TypeError);
    expect(() => bounded(1n)).toThrow(TypeError);
    expect(() => bounded(() => 1)).toThrow(TypeError);
  });
});
