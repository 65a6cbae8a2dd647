import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { askedDelayMs, retryDelayMs } from '../../src/events/webhooks/retry-delay.rules.js';
import { isWebhookSecret, newWebhookSecret, signedHeaders } from '../../src/events/webhooks/signature.rules.js';
import { allowedHostsOf } from '../../src/events/webhooks/webhook-address.rules.js';

const NOW = new Date('2026-11-30T12:00:00.000Z');
const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');

describe('signatures', () => {
  it('are the HMAC that Standard Webhooks describes', () => {
    const secret = `whsec_${base64(24)}`;
    const headers = signedHeaders({ id: 'msg', body: '{"a":"ü"}' }, [secret], NOW);
    const digest = createHmac('sha256', Buffer.alloc(24, 7)).update('msg.1796040000.{"a":"ü"}').digest('base64');
    expect(headers).toEqual({
      'webhook-id': 'msg',
      'webhook-timestamp': '1796040000',
      'webhook-signature': `v1,${digest}`,
    });
  });

  it('are known to holders of either of two secrets, and to nobody else', () => {
    const [one, other, foreign] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const headers = signedHeaders({ id: 'msg', body: '{}' }, [one, other], new Date());
    for (const secret of [one, other]) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
    expect(() => new Webhook(foreign).verify('{}', headers)).toThrow('No matching signature found');
    expect(() => new Webhook(one).verify('{ }', headers)).toThrow('No matching signature found');
  });

  it('are made with secrets of the right form only', () => {
    const good = [
      newWebhookSecret(),
      `whsec_${base64(24)}`,
      `whsec_${base64(64)}`,
      `whsec_${base64(25).replace(/=/g, '')}`,
    ];
    expect(good.map(isWebhookSecret)).toEqual(good.map(() => true));
    const bad = [
      '',
      'whsec_',
      `whsec_${base64(23)}`,
      `whsec_${base64(65)}`,
      base64(32),
      `whsec_${'*'.repeat(44)}`,
      null,
      7,
    ];
    expect(bad.map(isWebhookSecret)).toEqual(bad.map(() => false));
    expect(isWebhookSecret(`whsec_${Buffer.alloc(32, 255).toString('base64url')}`)).toBe(false);
  });
});

describe('the next attempt', () => {
  it('comes ever later, up to two hours, a fifth sooner or later', () => {
    const middle = Array.from({ length: 9 }, (_, n) => retryDelayMs(n + 1, 0, 0.5) / 1000);
    expect(middle).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 7200, 7200]);
    expect([retryDelayMs(1, 0, 0), retryDelayMs(1, 0, 0.999_999)]).toEqual([4000, 6000]);
  });

  it('comes no sooner than the receiver asked for, within an hour', () => {
    expect(retryDelayMs(1, 60_000, 0.5)).toBe(60_000);
    expect(retryDelayMs(3, 60_000, 0.5)).toBe(120_000);
    expect(retryDelayMs(1, 1e15, 0.5)).toBe(3_600_000);
  });

  it.each([
    [503, '120', 120_000],
    [429, 'Mon, 30 Nov 2026 12:01:00 GMT', 60_000],
    [429, 'Mon, 30 Nov 2026 11:00:00 GMT', 0],
    [500, '120', 0],
    [503, '-5', 0],
    [503, 'soon', 0],
    [503, '1e9', 0],
    [503, undefined, 0],
  ])('is asked for by %p with Retry-After %p: %p ms', (status, retryAfter, expected) => {
    expect(askedDelayMs(status, retryAfter, NOW)).toBe(expected);
  });
});

it.each([
  ['https://hooks.example.com/x', ['hooks.example.com:443']],
  ['http://hooks.example.com/x', ['hooks.example.com:80']],
  ['https://hooks.example.com:8443/x', ['hooks.example.com:8443']],
  ['http://[::1]/x', ['[::1]:80']],
  ['no url', ['*']],
])('%p may reach its own place', (url, places) => {
  expect(allowedHostsOf(url)).toEqual(places);
});
