import { startApp, type TestApp } from '../support/app.js';

describe('the application in a test', () => {
  let nyx: TestApp;

  beforeAll(async () => {
    nyx = await startApp();
  });

  afterAll(async () => {
    await nyx.close();
  });

  it.each(['viewer', 'operator', 'admin'] as const)('signs in as %s', async (role) => {
    const answer = await nyx.request(role, 'GET', '/api/v1/auth/me');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ username: role, role, kind: 'user' });
  });

  it('is closed to whoever is not signed in', async () => {
    expect((await nyx.request(undefined, 'GET', '/api/v1/auth/me')).status).toBe(401);
  });
});
