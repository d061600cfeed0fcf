import { defineFact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { ELF_HEADER_LENGTH, parseElfHeader } from '../formats/elf.ts';
import { readElfInterpreter } from '../formats/elf-interpreter.ts';
import { CouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { expandGlob } from './expand-glob.ts';
import { lastValue } from './kernel-command-line/parameters.ts';
import { kernelCommandLine } from './kernel-command-line.ts';
import { installedKernels } from './kernels.ts';

/** A file without which the kernel cannot start the first program. */
export interface CoreFile {
  readonly role: 'init' | 'interpreter' | 'loader' | 'libc';
  /** As the kernel or the program asks for it. */
  readonly path: string;
  /** `foreign`: built for another machine than init. */
  readonly state: 'good' | 'absent' | 'empty' | 'not-a-file' | 'not-executable' | 'foreign';
  readonly evidence: Evidence;
}

export interface CoreFiles {
  /** Init and what it needs to start, in that order. */
  readonly files: readonly CoreFile[];
  /** Top directories that a usr-merge makes links, and that are gone while /usr has their content. */
  readonly missingLinks: readonly string[];
  /** `/` or `/usr` when anybody may write there. */
  readonly worldWritable: readonly Evidence[];
  /** Undefined when sudo is not installed, or when the tree does not keep owners. */
  readonly sudo?: { readonly isSetuid: boolean; readonly isOwnedByRoot: boolean; readonly evidence: Evidence };
  /** Whether a kernel or a boot entry shows that this root boots by itself, and is not the content of a container. */
  readonly boots: boolean;
}

/** What the kernel, dracut and initramfs-tools try, in an order that finds the program that runs. */
const INIT = [
  '/sbin/init',
  '/usr/lib/systemd/systemd',
  '/lib/systemd/systemd',
  '/usr/sbin/init',
  '/etc/init',
  '/bin/init',
  '/init',
] as const;
const TOP = ['/bin', '/sbin', '/lib'] as const;
const LONGEST_SHEBANG = 256;

/** Init, its interpreter, the dynamic loader and the C library. */
export const coreFiles = defineFact<CoreFiles>({
  id: 'core-files',
  description: 'Whether init and the files that it needs to start are there and can run.',
  reads: [...INIT, '/{,usr/}lib{,64}/**/libc.so.6', '/usr/bin/sudo'],
  async compute(context) {
    const { rootFs } = context;
    // A root partition without /usr, as Flatcar's: what lies there is not absent but elsewhere.
    if (rootFs.stat('/usr') === undefined) throw new CouldNotRead('/usr', 'is not part of this target');
    const { entries, defaults } = await context.get(kernelCommandLine);
    const named = defaults.flatMap((entry) => lastValue(entry, 'init') ?? []).at(-1);
    const sudo = rootFs.ownersRecorded ? describeSudo(rootFs) : undefined;
    return {
      files: chain(rootFs, named),
      missingLinks: TOP.filter((path) => rootFs.stat(path) === undefined && rootFs.stat(`/usr${path}`) !== undefined),
      worldWritable: rootFs.ownersRecorded ? worldWritable(rootFs) : [],
      ...(sudo && { sudo }),
      boots: entries.length > 0 || (await hasKernel(context)),
    };
  },
});

async function hasKernel(context: FactContext): Promise<boolean> {
  return (await context.get(installedKernels)).length > 0;
}

function chain(rootFs: RootFs, named: string | undefined): CoreFile[] {
  const path = named ?? INIT.find((candidate) => rootFs.stat(candidate) !== undefined) ?? INIT[0];
  const init = examine(rootFs, 'init', path);
  if (init.state !== 'good') return [init];
  const script = /^#![ \t]*(\S+)/.exec(new TextDecoder().decode(bytes(rootFs, path, 0, LONGEST_SHEBANG)))?.[1];
  const interpreter = script === undefined ? undefined : examine(rootFs, 'interpreter', script);
  if (interpreter && interpreter.state !== 'good') return [init, interpreter];
  const program = script ?? path;
  const head = [init, ...(interpreter ? [interpreter] : [])];
  const loaderPath = readElfInterpreter((offset, length) => bytes(rootFs, program, offset, length));
  if (loaderPath === undefined) return head;
  const machine = machineOf(rootFs, program);
  const loader = examine(rootFs, 'loader', loaderPath, machine);
  // The loader of musl is its C library.
  if (!/\/ld-linux|\/ld64?\.so/.test(loaderPath)) return [...head, loader];
  return [...head, loader, examine(rootFs, 'libc', findLibc(rootFs, loaderPath), machine)];
}

function findLibc(rootFs: RootFs, loader: string): string {
  const near = [loader, rootFs.realPath(loader) ?? loader].map((path) => path.slice(0, path.lastIndexOf('/')));
  const usual = ['/{}', '/{}64', '/usr/{}', '/usr/{}64'].map((pattern) => pattern.replace('{}', 'lib'));
  const candidates = [...near, ...usual].map((directory) => `${directory}/libc.so.6`);
  const found = candidates.find((path) => rootFs.stat(path) !== undefined);
  return found ?? expandGlob(rootFs, '/usr/lib/*-linux-gnu*/libc.so.6')[0] ?? candidates[0] ?? '/lib/libc.so.6';
}

function examine(rootFs: RootFs, role: CoreFile['role'], path: string, machine?: number): CoreFile {
  const status = rootFs.stat(path);
  const state = (): CoreFile['state'] => {
    if (!status) return 'absent';
    if (status.type !== 'file') return 'not-a-file';
    if (status.size === 0) return 'empty';
    // The dynamic loader maps a library without a look at its mode.
    if (role !== 'libc' && (status.mode & 0o111) === 0) return 'not-executable';
    return machine !== undefined && machineOf(rootFs, path) !== machine ? 'foreign' : 'good';
  };
  const link = rootFs.readLink(path);
  return { role, path, state: state(), evidence: { path, ...(link !== undefined && { text: `-> ${link}` }) } };
}

function machineOf(rootFs: RootFs, path: string): number | undefined {
  return parseElfHeader(bytes(rootFs, path, 0, ELF_HEADER_LENGTH))?.machine;
}

function bytes(rootFs: RootFs, path: string, offset: number, length: number): Uint8Array {
  return rootFs.readBytes(path, offset, length) ?? new Uint8Array();
}

function worldWritable(rootFs: RootFs): Evidence[] {
  return ['/', '/usr'].flatMap((path) => {
    const mode = rootFs.stat(path)?.mode ?? 0;
    const isOpen = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
    return isOpen ? [{ path, text: `mode ${mode.toString(8).padStart(4, '0')}` }] : [];
  });
}

function describeSudo(rootFs: RootFs): CoreFiles['sudo'] {
  const path = '/usr/bin/sudo';
  const status = rootFs.stat(path);
  if (status?.type !== 'file') return undefined;
  const text = `mode ${status.mode.toString(8).padStart(4, '0')}, owner ${status.uid}`;
  return { isSetuid: (status.mode & 0o4000) !== 0, isOwnedByRoot: status.uid === 0, evidence: { path, text } };
}
