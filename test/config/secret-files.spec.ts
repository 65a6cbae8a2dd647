import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IN_FILES, readEnvironment } from '../../src/config/environment.js';
import { VARIABLES } from '../../src/config/load-config.js';
import { ConfigRoom } from './config-room.js';

const room = ConfigRoom.forThisFile();
const file = (name: string, content: string): string => {
  writeFileSync(join(room.folder, name), content);
  return join(room.folder, name);
};
const read = (env: string): ReturnType<typeof readEnvironment> => {
  file('.env', env);
  return readEnvironment(room.folder);
};

it.each(IN_FILES)('%s may be in a file, also by a path in the folder', (name) => {
  expect(VARIABLES).toContain(name);
  const path = file('secret', 'k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s\n');
  expect(read(`${name}_FILE=${path}\n`)[name]).toBe('k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s');
  expect(read(`${name}_FILE=secret\n`)[name]).toBe('k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s');
  file('secret', '\uFEFFk7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s\r\n');
  expect(read(`${name}_FILE=secret\n`)[name]).toBe('k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s');
  expect(read(`${name}_FILE=\n${name}=given\n`)[name]).toBe('given');
});

it.each(IN_FILES)('an empty file is as no %s', (name) => {
  file('secret', '\n');
  const environment = { ...read(`${name}_FILE=secret\n`), [`${name}_FILE`]: undefined };
  expect(room.load(environment)).toEqual(room.load({ ...environment, [name]: undefined }));
});

it.each(IN_FILES)('%s in a file that is not there stops the start with a sentence that names it', (name) => {
  expect(() => read(`${name}_FILE=/nowhere/secret\n`)).toThrow(
    `${name}_FILE must name a file that can be read, and /nowhere/secret cannot be (ENOENT).`,
  );
});

it('so does a folder, and a file besides the variable itself', () => {
  expect(() => read(`JWT_SECRET_FILE=${room.folder}\n`)).toThrow('EISDIR');
  file('secret', 'x');
  expect(() => read('JWT_SECRET_FILE=secret\nJWT_SECRET=y\n')).toThrow('JWT_SECRET and JWT_SECRET_FILE are both set');
});
