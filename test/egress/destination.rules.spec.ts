import fc from 'fast-check';
import { destinationOf, placeOf, tunnelDestinationOf } from '../../src/egress/destination.rules.js';
import { EgressRefused } from '../../src/egress/egress.types.js';

const ruleOf = (url: string, ...allowedHosts: readonly string[]): string => {
  try {
    destinationOf(url, allowedHosts);
    return 'may go';
  } catch (error) {
    if (error instanceof EgressRefused) return error.rule;
    throw error;
  }
};

describe('the allow list', () => {
  it('that is empty allows nothing', () => {
    fc.assert(fc.property(fc.webUrl(), (url) => ruleOf(url) === 'host_not_allowed'));
    expect(ruleOf('http://93.184.216.34/')).toBe('host_not_allowed');
  });

  it.each([
    ['https://api.example.com/v1?x#y', ['api.example.com'], 'may go'],
    ['http://API.Example.COM./', ['api.example.com'], 'may go'],
    ['http://bücher.example/', ['bücher.example'], 'may go'],
    ['http://xn--bcher-kva.example/', ['BÜCHER.example.'], 'may go'],
    ['http://example.com.evil.test/', ['example.com'], 'host_not_allowed'],
    ['http://evilexample.com/', ['*.example.com', 'example.com'], 'host_not_allowed'],
    ['http://a.b.example.com/', ['*.example.com'], 'may go'],
    ['http://example.com/', ['*.example.com'], 'host_not_allowed'],
    ['http://sub.example.com/', ['example.com'], 'host_not_allowed'],
    ['http://example.com:8443/', ['example.com', '*'], 'port'],
    ['https://example.com:8443/', ['example.com:8443'], 'may go'],
    ['https://example.com/', ['example.com:8443'], 'port'],
    ['http://example.com:443/', ['*'], 'may go'],
    ['http://example.com:0/', ['*'], 'port'],
    ['http://anything.example/', ['*'], 'may go'],
    ['http://10.0.0.1/', ['10.0.0.1'], 'may go'],
    ['http://0xa.1/', ['10.0.0.1'], 'may go'],
    ['http://1.10.0.0/', ['*.10.0.0'], 'host_not_allowed'],
    ['http://[::1]:81/', ['[::1]:81'], 'may go'],
    ['http://[::ffff:10.0.0.1]/', ['10.0.0.1'], 'host_not_allowed'],
    [
      'http://example.com/',
      ['', '*.', 'exa mple.com', 'http://example.com', '.', '[', 'a:b', '*example.com'],
      'host_not_allowed',
    ],
  ])('%s by %j: %s', (url, allowedHosts, rule) => {
    expect(ruleOf(url, ...allowedHosts)).toBe(rule);
  });

  it('names a host, or does not when it is *', () => {
    expect(destinationOf('http://a.example/', ['*']).isNamed).toBe(false);
    expect(destinationOf('http://a.example/', ['*', 'a.example']).isNamed).toBe(true);
    expect(destinationOf('http://a.example/', ['*', 'a.example:81']).isNamed).toBe(false);
  });
});

describe('a URL', () => {
  it.each([
    ['ftp://example.com/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['gopher://example.com:80/_x', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['ws://example.com/', 'scheme'],
    ['http://user@example.com/', 'user_info'],
    ['http://user:pass@example.com/', 'user_info'],
    ['http://@example.com/', 'user_info'],
    ['http://example.com@evil.test/', 'user_info'],
    ['http://example.com%40evil.test/', 'bad_url'],
    ['http://example.com\\@evil.test/', 'bad_url'],
    ['http:\\\\example.com/', 'bad_url'],
    ['http:example.com/', 'bad_url'],
    ['http:/example.com/', 'bad_url'],
    ['http:///example.com/', 'bad_url'],
    [' http://example.com/', 'bad_url'],
    ['http://exam\tple.com/', 'bad_url'],
    ['http://exam\nple.com/', 'bad_url'],
    ['http://example.com/\r\nX: y', 'bad_url'],
    ['http://example.com\u0000.evil.test/', 'bad_url'],
    ['http://example.com%00.evil.test/', 'bad_url'],
    ['http://*/', 'bad_url'],
    ['http://a..b/', 'bad_url'],
    ['http://256.1.1.1/', 'bad_url'],
    ['http://1.2.3.4.5/', 'bad_url'],
    ['http://[fe80::1%25eth0]/', 'bad_url'],
    ['http://[::1', 'bad_url'],
    [`http://${'a'.repeat(64)}.com/`, 'bad_url'],
    [`http://example.com/${'a'.repeat(8200)}`, 'bad_url'],
    ['http://example.com:65536/', 'bad_url'],
    ['', 'bad_url'],
    ['//example.com/', 'bad_url'],
  ])('%j is refused: %s', (url, rule) => {
    expect(ruleOf(url, '*', 'example.com')).toBe(rule);
  });

  it('is normalised: what is checked is what is asked for', () => {
    const { url, host, port } = destinationOf('HTTP://EXAMPLE.com.:80/A/../b?q=1#secret', ['example.com']);
    expect([url.href, host, port]).toEqual(['http://example.com/b?q=1', 'example.com', 80]);
    expect(destinationOf('http://0177.1./', ['127.0.0.1']).url.href).toBe('http://127.0.0.1/');
  });

  it('says where, for a log, without its path', () => {
    expect(placeOf(destinationOf('http://[::1]:81/secret?x', ['[::1]:81']))).toBe('[::1]:81');
    expect(placeOf(destinationOf('https://example.com/secret', ['*']))).toBe('example.com:443');
  });

  it('never breaks the rules, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `http://${text}`),
        ),
        (text) => {
          expect(['may go', 'scheme', 'user_info', 'bad_url', 'port']).toContain(ruleOf(text, '*'));
        },
      ),
    );
  });
});

describe('a tunnel', () => {
  it.each(['example.com', 'example.com:', 'example.com:443/x', 'http://example.com:443', 'a b:443', '', ':443', '?:1'])(
    'to %j is refused',
    (authority) => {
      expect(() => tunnelDestinationOf(authority, ['*'])).toThrow(EgressRefused);
    },
  );

  it('goes to host and port', () => {
    expect(tunnelDestinationOf('Example.com:443', ['*'])).toMatchObject({ host: 'example.com', port: 443 });
    expect(tunnelDestinationOf('[2606:4700::1111]:443', ['*'])).toMatchObject({ host: '2606:4700::1111', port: 443 });
    expect(() => tunnelDestinationOf('example.com:22', ['*'])).toThrow('Port 22');
  });
});
