import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from '@jest/globals';

/** Without links: systemctl reads units wrongly below a root that is a link. */
const real = (path: string): string => (existsSync(path) ? realpathSync(path) : resolve(path));

/** Folder of unpacked Debian packages that holds the real programs; `scripts/fetch-oracles.sh` makes it. */
export const oracleRoot = real(process.env['VHD_PREFLIGHT_ORACLES'] ?? '.cache/oracles');

/** The programs of the next Debian release, where the machine's own has some of them too old; else it is missing. */
const newerRoot = real('.cache/oracles-newer');

/** The root that has the newer of a program. */
export function rootOfNewest(path: string): string {
  return existsSync(join(newerRoot, path)) ? newerRoot : oracleRoot;
}

/** An installed Debian system, where test/real/build-debian-root.sh has built one: it has what installing makes. */
const systemRoot = real('.cache/debian-root');

/** Where a file of an oracle root, or else of the installed system, lies on this machine. */
export function oraclePath(path: string, root: string = oracleRoot): string {
  const [unpacked, installed] = [join(root, path), join(systemRoot, path)];
  return existsSync(unpacked) || !existsSync(installed) ? unpacked : installed;
}

const maxBuffer = 256 * 1024 * 1024;

/** Name of the library folder and of the dynamic loader, by processor. */
const platform =
  process.arch === 'arm64'
    ? { libraries: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' }
    : { libraries: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' };

/** Tests against a real program; skipped, naming the program, where it is not on this machine. */
export function describeOracle(
  name: string,
  program: string,
  requiredFiles: readonly string[],
  body: () => void,
): void {
  const missing = requiredFiles.map((path) => oraclePath(path)).find((file) => !existsSync(file));
  if (missing === undefined) {
    describe(name, body);
    return;
  }
  const reason = `${program} is not on this machine: ${missing} is missing; scripts/fetch-oracles.sh brings it`;
  process.stderr.write(`skipped: ${name}: ${reason}\n`);
  describe(name, () => test.skip(reason, () => undefined));
}

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a compiled program of an oracle root with that root's own C library, so that neither root rights nor a
 * matching host are needed. The program still sees the files of the host: name the root that it shall read.
 * `unprivileged` runs it as nobody where the tests run as root: sshd then wants no account of its own on the host.
 */
export function runProgram(
  path: string,
  args: readonly string[],
  options: {
    readonly input?: string | Uint8Array;
    readonly env?: NodeJS.ProcessEnv;
    readonly unprivileged?: boolean;
    /** Name by which a program of several names is called: kmod is modprobe, too. */
    readonly name?: string;
    readonly root?: string;
  } = {},
): Run {
  const libraries = [
    `usr/lib/${platform.libraries}`,
    `usr/lib/${platform.libraries}/systemd`,
    'usr/lib/systemd',
    'usr/libexec/sudo',
  ];
  const inRoot = (file: string) => oraclePath(file, options.root);
  const loader = inRoot(`usr/lib/${platform.libraries}/${platform.loader}`);
  const naming = options.name === undefined ? [] : ['--argv0', options.name];
  const argv = ['--library-path', libraries.map(inRoot).join(':'), ...naming, inRoot(path), ...args];
  const { status, stdout, stderr, error } = spawnSync(loader, argv, {
    input: options.input ?? '',
    ...(options.unprivileged && process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...options.env },
    encoding: 'utf8',
    maxBuffer,
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** Runs a Python program with the interpreter and the packages of an oracle root; its standard output comes back. */
export function runPython(program: string, input: string, root: string = oracleRoot): string {
  const { status, stdout, stderr } = runProgram('usr/bin/python3', ['-s', '-P', '-c', `import sys\n${program}`], {
    input,
    root,
    env: { PYTHONHOME: oraclePath('usr', root), PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (status !== 0) throw new Error(`python3 ended with status ${status}: ${stderr}`);
  return stdout;
}
