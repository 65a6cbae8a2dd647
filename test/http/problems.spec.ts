import { Body, Controller, Delete, Get, HttpCode, Injectable, Logger, Param, Post, Query } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, ValidateNested } from 'class-validator';
import { Client } from 'pg';
import { Public } from '../../src/auth/access.decorators.js';
import { Database } from '../../src/database/database.service.js';
import { FreeForm } from '../../src/http/free-form.decorator.js';
import { PageQuery } from '../../src/http/page-query.dto.js';
import { Problem } from '../../src/http/problem.js';
import { UuidParam } from '../../src/http/uuid-param.js';
import { type Answer, call, expectProblem } from './client.js';
import { startProbe, type ProbeApp } from './probe-app.js';

const ID = '019ab0c4-5d6e-7f80-9123-456789abcdef';

class Inner {
  @ApiProperty({ type: 'integer' })
  @IsInt()
  @Max(10)
  count!: number;
}

class Outer {
  @ApiProperty({ type: String })
  @IsString()
  name!: string;

  @ApiProperty({ type: Inner, required: false })
  @IsOptional()
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;

  @FreeForm({ description: 'Anything.' })
  content?: Record<string, unknown>;
}

@Injectable()
@Public()
@Controller('probe')
class ProblemsProbe {
  constructor(private readonly database: Database) {}

  @Get('problem')
  throwProblem(): never {
    throw new Problem('OVERLOADED', 'Too busy.', { retryAfterSeconds: 2.2, extensions: { scope: 'system' } });
  }

  @Get('unknown')
  throwUnknown(): never {
    throw new Error('SELECT secret FROM /etc/passwd');
  }

  @Get('text')
  throwText(): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a careless library might do
    throw 'just text';
  }

  @Get('unique')
  async violateUnique(): Promise<void> {
    await this.database.query(
      `INSERT INTO users (id, username, password_hash, role) SELECT gen_random_uuid(), username, '', 'viewer' FROM users`,
    );
  }

  @Get('bad-sql')
  async badSql(): Promise<void> {
    await this.database.query('SELECT nothing FROM nowhere');
  }

  @Get('no-database')
  async noDatabase(): Promise<void> {
    await new Client({ host: '127.0.0.1', port: 1 }).connect();
  }

  @Get('terminated')
  async terminated(): Promise<void> {
    await this.database.query('SELECT pg_terminate_backend(pg_backend_pid())');
  }

  @Get('raise/:state')
  async raise(@Param('state') state: string): Promise<void> {
    await this.database.query(`DO $$ BEGIN RAISE EXCEPTION 'It failed.' USING ERRCODE = '${state}'; END $$`);
  }

  @Get('list')
  list(@Query() query: PageQuery): PageQuery {
    return query;
  }

  @Get('things/:id')
  thing(@UuidParam() id: string): { id: string } {
    return { id };
  }

  @Post('things/:id/run')
  @HttpCode(200)
  run(@UuidParam() id: string): { id: string } {
    return { id };
  }

  @Delete('things/:id')
  remove(@UuidParam() id: string): { id: string } {
    return { id };
  }

  @Post('echo')
  @HttpCode(200)
  echo(@Body() body: Outer): { body: Outer; isPolluted: boolean } {
    return { body, isPolluted: 'polluted' in {} };
  }
}

let probe: ProbeApp;
beforeAll(async () => {
  probe = await startProbe([ProblemsProbe]);
});
afterAll(() => probe.close());

const at = (path: string): string => `${probe.url}/probe/${path}`;

describe('what is thrown', () => {
  it('a problem keeps its code, extensions and Retry-After', async () => {
    const answer = await call(at('problem'));
    expect(expectProblem(answer, 503, 'OVERLOADED')).toMatchObject({ detail: 'Too busy.', scope: 'system' });
    expect(answer.headers.get('retry-after')).toBe('3');
  });

  it.each(['unknown', 'text', 'bad-sql'])(
    'an unforeseen error (%s) is 500, logged once, and says nothing',
    async (path) => {
      const logged: unknown[] = [];
      Logger.overrideLogger({ error: (message) => logged.push(message), warn: () => undefined, log: () => undefined });
      const answer = await call(at(path));
      Logger.overrideLogger(false);
      expectProblem(answer, 500, 'INTERNAL');
      expect(logged).toHaveLength(1);
    },
  );

  it('a unique violation is 409 and named', async () => {
    const answer = await call(at('unique'));
    expect(expectProblem(answer, 409, 'CONFLICT').detail).toBe('A user of this name exists already.');
  });

  it.each(['no-database', 'terminated'])('a lost database (%s) is 503 with Retry-After', async (path) => {
    const answer = await call(at(path));
    expectProblem(answer, 503, 'DATABASE_UNAVAILABLE');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each([
    ['a serialization failure', '40001'],
    ['a deadlock', '40P01'],
    ['a lock timeout', '55P03'],
    ['a statement timeout', '57014'],
  ])('%s is 503 too, of a database that is there', async (_what, state) => {
    const answer = await call(at(`raise/${state}`));
    expect(expectProblem(answer, 503, 'OVERLOADED').detail).toContain('try again');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('request ids', () => {
  it('are echoed when well formed, else made', async () => {
    const mine = await call(at('problem'), { headers: { 'x-request-id': 'My-id_1.2' } });
    expect(mine.headers.get('x-request-id')).toBe('My-id_1.2');
    expect(expectProblem(mine, 503, 'OVERLOADED').request_id).toBe('My-id_1.2');
    for (const bad of ['a b', 'x'.repeat(129), 'ä', '<script>']) {
      const made = await call(at('problem'), { headers: { 'x-request-id': Buffer.from(bad).toString('latin1') } });
      expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('validation', () => {
  it('names nested fields with dots, and refuses what is not declared', async () => {
    const answer = await call(at('echo'), { body: { name: 1, inner: { count: 11, more: 1 }, extra: true } });
    const { errors } = expectProblem(answer, 400, 'VALIDATION_ERROR');
    expect(errors?.map(({ field }) => field).sort()).toEqual(['extra', 'inner.count', 'inner.more', 'name']);
  });

  it.each(Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== '__proto__'))(
    'nobody declared a member %s that every object has',
    async (name) => {
      const fieldsOf = (answer: Answer): string[] | undefined =>
        expectProblem(answer, 400, 'VALIDATION_ERROR').errors?.map(({ field }) => field);
      const body = { name: 'x', inner: { count: 1, [name]: 1 }, [name]: 'x' };
      expect(fieldsOf(await call(at('echo'), { body }))?.sort()).toEqual([name, `inner.${name}`].sort());
      expect(fieldsOf(await call(at(`list?${name}=1`)))).toEqual([name]);
    },
  );

  it('keeps free-form objects as they are', async () => {
    const content = {
      constructor: { prototype: 1 },
      a: [{ b: null, constructor: 'x' }, [{ constructor: 1 }]],
      toString: 'x',
      hasOwnProperty: 1,
    };
    const answer = await call<{ body: Outer }>(at('echo'), { body: { name: 'x', content } });
    expect(answer.status).toBe(200);
    expect(answer.body.body.content).toEqual(content);
  });

  it.each([
    ['__proto__ at the top', '{"name":"x","__proto__":{"polluted":1}}'],
    ['__proto__ deep', '{"name":"x","content":{"a":{"__proto__":{"polluted":1}}}}'],
    ['NUL in a string', '{"name":"a\\u0000b"}'],
    ['NUL in a key', '{"name":"x","content":{"a\\u0000":1}}'],
    ['a lone surrogate', '{"name":"\\ud800"}'],
    ['a number out of range', '{"name":"x","content":{"n":1e999}}'],
    ['deep nesting', `{"name":"x","content":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`],
    ['a member named constructor', '{"name":"x","constructor":{}}'],
    ['a list where one is not declared', '{"name":["x"]}'],
    ['an array', '[]'],
    ['an array of DTOs', '[{"name":"x"}]'],
  ])('refuses %s', async (_what, body) => {
    expectProblem(await call(at('echo'), { body }), 400, 'VALIDATION_ERROR');
    expect('polluted' in {}).toBe(false);
  });

  it.each(['{', 'null', '"text"', '1', '{"a":1}}', "{'a':1}", '\u0000', '{"a":NaN}'])(
    'refuses %j as JSON',
    async (body) => {
      expectProblem(await call(at('echo'), { body }), 400, 'MALFORMED_JSON');
    },
  );

  it('an empty body misses what is required', async () => {
    expectProblem(await call(at('echo'), { method: 'POST' }), 400, 'VALIDATION_ERROR');
    expectProblem(await call(at('echo'), { body: '' }), 400, 'VALIDATION_ERROR');
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=1.5',
    'limit=1e2',
    'limit=',
    'limit=abc',
    'limit=1&limit=2',
    'limit[]=1',
  ])('refuses the query %s', async (query) => {
    expectProblem(await call(at(`list?${query}`)), 400, 'VALIDATION_ERROR');
  });

  it.each(['x=%zz', 'x=%ff', 'cursor=%00', '__proto__=1', 'unknown=1', `cursor=${'x'.repeat(201)}`])(
    'refuses the query %s',
    async (query) => {
      expectProblem(await call(at(`list?${query}`)), 400, 'VALIDATION_ERROR');
    },
  );

  it('takes a page within its limits', async () => {
    expect((await call(at('list?limit=200'))).body).toEqual({ limit: 200 });
    expect((await call(at('list'))).body).toEqual({ limit: 20 });
  });

  it.each([
    ['POST', `things/${ID}/run`],
    ['DELETE', `things/${ID}`],
  ])('a route without a body refuses what one says (%s)', async (method, path) => {
    const answer = await call(at(path), { method, body: { parameters: { a: 1 }, reason: null } });
    const { errors } = expectProblem(answer, 400, 'VALIDATION_ERROR');
    expect(errors?.map(({ field }) => field)).toEqual(['parameters', 'reason']);
    for (const body of ['', '{}', undefined]) {
      expect((await call(at(path), { method, body })).status).toBe(200);
    }
  });

  it('takes ids of every case and refuses what is none', async () => {
    const id = '019AB0C4-5D6E-7F80-9123-456789ABCDEF';
    expect((await call(at(`things/${id}`))).body).toEqual({ id: id.toLowerCase() });
    for (const bad of ['1', 'null', `${id}0`, '%00', '%E0%A4', "'--", '..%2f..%2fetc']) {
      expectProblem(await call(at(`things/${bad}`)), 400, 'VALIDATION_ERROR');
    }
  });
});
