import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment } from '../../src/config/environment.js';
import { ConfigRoom } from './config-room.js';

const room = ConfigRoom.forThisFile();
const write = (content: string): void => writeFileSync(join(room.folder, '.env'), content);

describe('.env', () => {
  it('is read, and variables of the process win', () => {
    write('PORT=1234\nPATH=nonsense\nLLM_DEFAULT_MODEL="quoted" # why\n');
    const environment = readEnvironment(room.folder);
    expect(environment).toMatchObject({ PORT: '1234', LLM_DEFAULT_MODEL: 'quoted' });
    expect(environment.PATH).toBe(process.env.PATH);
  });

  it('may begin with the mark that some editors put there', () => {
    write('\uFEFFPORT=1234\n');
    expect(readEnvironment(room.folder).PORT).toBe('1234');
  });
});
