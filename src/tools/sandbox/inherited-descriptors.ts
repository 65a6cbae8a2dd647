import { readdirSync, readFileSync } from 'node:fs';

const FIRST_NOT_STANDARD = 3;
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Descriptors that whoever started NYX left open in it, and that every child would have too: Node opens none like that itself.
 */
export function inheritedDescriptors(): readonly number[] {
  return readdirSync('/proc/self/fdinfo')
    .map(Number)
    .filter((descriptor) => descriptor >= FIRST_NOT_STANDARD && !closesOnExec(descriptor));
}

function closesOnExec(descriptor: number): boolean {
  try {
    const [, flags = ''] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
    return (parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    // It was the one by which the folder was read.
    return true;
  }
}
