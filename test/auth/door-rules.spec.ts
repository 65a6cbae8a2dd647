import { oidcOf, trustedProxies } from '../../src/config/door-settings.rules.js';
import { policyComplaint } from '../../src/config/password-policy.rules.js';

describe('what a password may be', () => {
  const common = new Set(['summer', 'dragon', 'password', 'iloveyou', 'x']);

  it.each(['summer12345678', 'Dragon2024!!', 'password 1234567890', 'summer1111111111111111', 'iloveyou9876543210987'])(
    '%j is a common word with something appended',
    (password) => expect(policyComplaint(password, 'ada', common)).toBe('is a common password'),
  );

  it.each([
    'summer-73914-82046-11957-30284',
    'x8374629103847561',
    'dragon ox lemon quay',
    'correct horse battery staple',
  ])('%j is nothing that anybody guesses', (password) =>
    expect(policyComplaint(password, 'ada', common)).toBeUndefined(),
  );
});

describe('proxies that are believed', () => {
  it.each(['10.0.0.0/8', '::1', 'fd00::/8, 127.0.0.1'])('%s', (given) => {
    expect(trustedProxies({ TRUSTED_PROXIES: given }, 'TRUSTED_PROXIES')).toHaveLength(given.split(',').length);
  });

  it.each(['0.0.0.0/0', '::/0', '10.0.0.0/33', 'proxy', '10.0.0.0/8, *'])('%s is refused with a sentence', (given) => {
    expect(() => trustedProxies({ TRUSTED_PROXIES: given }, 'TRUSTED_PROXIES')).toThrow('TRUSTED_PROXIES must be');
  });
});

describe('the issuer that is believed', () => {
  const issuer = (url: string, isProduction: boolean) =>
    oidcOf({ OIDC_ISSUER: url, OIDC_AUDIENCE: 'nyx' }, isProduction)?.issuer;

  it('is asked by https, on this machine also without, but not in production', () => {
    expect(issuer('https://sso.example.com/realms/nyx/', true)).toBe('https://sso.example.com/realms/nyx');
    expect(issuer('http://localhost:9000', false)).toBe('http://localhost:9000');
    expect(issuer('http://127.0.0.1:9000', false)).toBe('http://127.0.0.1:9000');
    expect(issuer('http://[::1]:9000', false)).toBe('http://[::1]:9000');
  });

  it.each([
    ['http://sso.example.com', true],
    ['http://localhost:9000', true],
    ['http://127.0.0.1', true],
    ['http://sso.example.com', false],
    ['http://localhost.example.com', false],
    ['http://127.0.0.1.example.com', false],
    ['http://localhost@example.com', false],
  ])('is refused as %s (in production: %s)', (url, isProduction) => {
    expect(() => issuer(url, isProduction)).toThrow('OIDC_ISSUER must be an https URL');
  });
});
