import { isConnectionError, untilConnected } from '../../src/database/connection-errors.js';

const failure = (code: string): Error => Object.assign(new Error('It failed.'), { code });

describe('what says that the database is away', () => {
  it.each([
    ...['08006', '53100', '53200', '53300', '57P01', '57P03', '57014', '55P03', '40001', '40003', '40P01', '25P03'],
    ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
    ...['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ])('is %s, also as the cause of another error', (code) => {
    expect(isConnectionError(failure(code))).toBe(true);
    expect(isConnectionError(new Error('Something else failed.', { cause: failure(code) }))).toBe(true);
    expect(isConnectionError(new AggregateError([new Error('no'), failure(code)]))).toBe(true);
  });

  it.each(['23505', '23503', '42P01', '22P02', '25P02', 'ENOSPC', 'EMFILE'])('is not %s', (code) => {
    expect(isConnectionError(failure(code))).toBe(false);
  });

  it('lets work be done again until it is there, or nobody waits for it', async () => {
    let tries = 0;
    const work = (): Promise<number> => {
      tries += 1;
      return tries < 3 ? Promise.reject(failure('EAI_AGAIN')) : Promise.resolve(tries);
    };
    await expect(untilConnected(work)).resolves.toBe(3);
    const end = new AbortController();
    const away = untilConnected(() => {
      end.abort();
      return Promise.reject(failure('ECONNREFUSED'));
    }, end.signal);
    await expect(away).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
