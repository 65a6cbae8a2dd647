import { childEnvironment, MODEL_SECRETS } from '../../src/cli/demo/child-environment.rules.js';
import { IN_FILES } from '../../src/config/environment.js';
import { VARIABLES } from '../../src/config/load-config.js';

const OF_MODEL = VARIABLES.filter((name) => /^(ANTHROPIC|LLM)_/.test(name));
const given = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, "the caller's"]));

const handedOn = (names: readonly string[]): string[] =>
  Object.entries(childEnvironment(given(names), '/a/folder', 'a password'))
    .filter(([, value]) => value === "the caller's")
    .map(([name]) => name);

describe('what the demo hands on to its NYX', () => {
  it('is every variable of the model', () => {
    expect(OF_MODEL.length).toBeGreaterThan(5);
    expect(handedOn(OF_MODEL).toSorted()).toEqual(OF_MODEL.toSorted());
    expect(MODEL_SECRETS).toEqual(['ANTHROPIC_API_KEY']);
  });

  it("is nothing else of the caller's NYX, nor a file of it", () => {
    const others = VARIABLES.filter((name) => !(OF_MODEL as readonly string[]).includes(name));
    const files = IN_FILES.map((name) => `${name}_FILE`);
    expect(
      handedOn([...others, ...files, 'SECRET_KEY', 'API_PORT', 'PGHOST', 'PGOPTIONS', 'OTEL_SDK_DISABLED']),
    ).toEqual([]);
  });

  it('is the way to the model', () => {
    const names = ['PATH', 'HOME', 'TMPDIR', 'https_proxy', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS'];
    expect(handedOn(names).toSorted()).toEqual(names.toSorted());
  });
});
