import { defineFact } from '../engine/define.ts';
import type { Compression, Host } from '../engine/host.ts';
import type { Evidence } from '../engine/model.ts';
import { CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { installedKernels } from './kernels.ts';

/** Kernel modules that did not come with the kernel's own package. */
export interface ModuleSignatures {
  readonly signed: readonly Evidence[];
  /** Without a signature at the end of the file. */
  readonly unsigned: readonly Evidence[];
  readonly unread: readonly CouldNotRead[];
}

const folders = ['extra', 'updates', 'weak-updates', 'dkms', 'misc'];
const modulePattern = /\.ko(?:\.(gz|xz|zst))?$/;
const compressions: Readonly<Record<string, Compression>> = { gz: 'gzip', xz: 'xz', zst: 'zstd' };
/** `MODULE_SIG_STRING` of the kernel's include/linux/module_signature.h. */
const mark = '~Module signature appended~\n';
const mostModules = 500;

export const moduleSignatures = defineFact<ModuleSignatures>({
  id: 'module-signatures',
  description: 'Whether the kernel modules that were added to the kernel’s own end in a signature.',
  reads: folders.map((folder) => `/usr/lib/modules/*/${folder}/**/*.ko*`),
  async compute(context) {
    const { rootFs, host } = context;
    const signed: Evidence[] = [];
    const unsigned: Evidence[] = [];
    const unread: CouldNotRead[] = [];
    for (const { modules } of await context.get(installedKernels)) {
      if (modules === undefined) continue;
      for (const path of modulesBelow(rootFs, modules)) {
        try {
          const isSigned = (await endOf(rootFs, host, path)).endsWith(mark);
          (isSigned ? signed : unsigned).push({ path });
        } catch (error) {
          if (!isCouldNotRead(error)) throw error;
          unread.push(error);
        }
      }
    }
    return { signed, unsigned, unread };
  },
});

function modulesBelow(rootFs: RootFs, modules: string): readonly string[] {
  const found: string[] = [];
  for (const folder of folders) {
    const top = `${modules}/${folder}`;
    if (rootFs.stat(top)?.type !== 'directory') continue;
    for (const { path } of rootFs.walk(top)) {
      // Weak updates are links to modules of another kernel.
      if (!modulePattern.test(path) || rootFs.stat(path)?.type !== 'file') continue;
      found.push(path);
      if (found.length > mostModules) throw new CouldNotRead(top, `holds more than ${mostModules} modules`);
    }
  }
  return found;
}

/** The last bytes of a module, unpacked if need be. */
async function endOf(rootFs: RootFs, host: Host, path: string): Promise<string> {
  const compression = compressions[modulePattern.exec(path)?.[1] ?? ''];
  const size = rootFs.stat(path)?.size ?? 0;
  const decode = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
  if (compression === undefined)
    return decode(rootFs.readBytes(path, Math.max(0, size - mark.length)) ?? new Uint8Array());
  const packed = rootFs.readBytes(path) ?? new Uint8Array();
  let end = '';
  try {
    await host.decompress(compression, [packed], (piece) => {
      end = (end + decode(piece.subarray(-mark.length))).slice(-mark.length);
      return true;
    });
  } catch (error) {
    throw new CouldNotRead(path, `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
  return end;
}
