import { recordedParameters } from '../../src/tools/executions/recorded-parameters.rules.js';

describe('parameters on record', () => {
  it('are as they came', () => {
    const parameters = {
      argv: ['ls', '-l'],
      name: 'token',
      files: [{ path: 'a', content: 'password' }],
      limit: 3,
      no: null,
    };
    expect(recordedParameters(parameters)).toEqual(parameters);
  });

  it('are without the values of secrets, wherever those stand', () => {
    const parameters = {
      environment: { API_TOKEN: 'hidden', LANG: 'C' },
      headers: [
        { name: 'Authorization', value: 'hidden' },
        { name: 'Accept', value: 'text/plain' },
      ],
      deep: [{ password: { of: 'hidden' } }],
    };
    const recorded = JSON.stringify(recordedParameters(parameters));
    expect(recorded).not.toContain('hidden');
    expect(recorded).toContain('"Accept","value":"text/plain"');
    expect(recorded).toContain('"LANG":"C"');
  });
});
