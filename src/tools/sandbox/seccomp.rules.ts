/** Numbers of the calls that are held back, as Linux has them on the two processors that are known. */
interface SystemCalls {
  /** AUDIT_ARCH of the processor. */
  readonly architecture: number;
  /** What the namespaces do not separate: answered as if the kernel had none of it. */
  readonly missing: readonly number[];
  readonly socket: number;
  readonly socketpair: number;
  /** Calls that set a mode, and which argument it is; of those that only may make a file, which one says so. */
  readonly modes: readonly (readonly [call: number, mode: number, flags?: number])[];
}

const IO_URING = [425, 426, 427];
const MEMFD_SECRET = 447;
const OPENAT2 = 437;
const FCHMODAT2 = 452;

/**
 * Not there inside: io_uring (it makes sockets past this filter); openat2, whose mode stands where no filter reads (who calls it falls
 * back to openat); memory that belongs to no process and counts nowhere (memfd_create,
 * memfd_secret, shmget); the kernel's key rings, its log, BPF, performance counters and userfaultfd, which no namespace separates.
 */
const CALLS: Readonly<Record<string, SystemCalls>> = {
  x64: {
    architecture: 0xc000_003e,
    missing: [29, 103, 248, 249, 250, 298, 319, 321, 323, ...IO_URING, OPENAT2, MEMFD_SECRET],
    socket: 41,
    socketpair: 53,
    // chmod, fchmod, fchmodat, fchmodat2; creat, mkdir, mkdirat, mknod, mknodat; open, openat.
    modes: [
      [90, 1],
      [91, 1],
      [268, 2],
      [FCHMODAT2, 2],
      [85, 1],
      [83, 1],
      [258, 2],
      [133, 1],
      [259, 2],
      [2, 2, 1],
      [257, 3, 2],
    ],
  },
  arm64: {
    architecture: 0xc000_00b7,
    missing: [116, 194, 217, 218, 219, 241, 279, 280, 282, ...IO_URING, OPENAT2, MEMFD_SECRET],
    socket: 198,
    socketpair: 199,
    // fchmod, fchmodat, fchmodat2; mkdirat, mknodat; openat.
    modes: [
      [52, 1],
      [53, 2],
      [FCHMODAT2, 2],
      [34, 2],
      [33, 2],
      [56, 3, 2],
    ],
  },
};

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. AF_VSOCK, among others, knows no network namespaces. */
const FAMILIES = [1, 2, 10, 16];
/** Set-user-ID and set-group-ID: a file of NYX's user that others could run as that user. */
const SET_ID = 0o6000;
/** O_CREAT and O_TMPFILE: without them a mode is not looked at, and may be anything. */
const MAKES_A_FILE = 0o20000100;
/** Calls from here on are those of x32, which go by other numbers. */
const X32 = 0x4000_0000;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const ALLOW = 0x7fff_0000;
const fail = (errno: number): number => 0x0005_0000 | errno;

const LOAD = 0x20;
const EQUAL = 0x15;
const AT_LEAST = 0x35;
const ANY_BIT = 0x45;
const RETURN = 0x06;
const CALL = 0;
const ARCHITECTURE = 4;
const argument = (index: number): number => 16 + 8 * index;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const answer = (action: number): Instruction => [RETURN, 0, 0, action];

/** `then` when the call is that one. */
const onCall = (call: number, then: readonly Instruction[]): readonly Instruction[] => [
  [EQUAL, 0, then.length, call],
  ...then,
];

/**
 * A seccomp filter as bubblewrap takes it: what else is asked of the kernel is allowed, since namespaces hold it.
 * @returns undefined for a processor whose calls are not known
 */
export function seccompFilter(processor: string): Uint8Array | undefined {
  const calls = CALLS[processor];
  if (!calls) return undefined;
  const families: readonly Instruction[] = [
    load(argument(0)),
    ...FAMILIES.map((family, index): Instruction => [EQUAL, FAMILIES.length - index, 0, family]),
    answer(fail(EAFNOSUPPORT)),
    answer(ALLOW),
  ];
  return assemble([
    load(ARCHITECTURE),
    [EQUAL, 1, 0, calls.architecture],
    answer(fail(ENOSYS)),
    load(CALL),
    [AT_LEAST, 0, 1, X32],
    answer(fail(ENOSYS)),
    ...calls.missing.flatMap((call) => onCall(call, [answer(fail(ENOSYS))])),
    ...onCall(calls.socket, families),
    ...onCall(calls.socketpair, families),
    ...calls.modes.flatMap(([call, mode, flags]) =>
      onCall(call, [
        ...(flags === undefined ? [] : [load(argument(flags)), [ANY_BIT, 0, 3, MAKES_A_FILE] as const]),
        load(argument(mode)),
        [ANY_BIT, 0, 1, SET_ID],
        answer(fail(EPERM)),
        answer(ALLOW),
      ]),
    ),
    answer(ALLOW),
  ]);
}

/** `struct sock_filter`: u16 code, u8 jump if true, u8 jump if false, u32 operand; both processors are little-endian. */
function assemble(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, operand], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand, index * 8 + 4);
  });
  return bytes;
}
