import { defineFact, type FactContext } from '../engine/define.ts';
import { PE_HEADERS_LENGTH, parsePeSections } from '../formats/pe-sections.ts';
import { type PeSignature, parseCertificateTable, parsePeSignatures } from '../formats/pe-signatures.ts';
import { parseCertificate } from '../formats/x509-name.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { bootKernels } from './boot-kernels.ts';
import { efiFiles, efiPartition } from './disk/efi-partition.ts';
import { type UefiProgram, uefiLoaders } from './uefi-loaders.ts';

/** A program of the boot chain and the names in its signatures. */
export interface SignedProgram {
  readonly path: string;
  /** Its place in the chain: the firmware starts `first`, shim starts `second`. */
  readonly stage: 'first' | 'second' | 'kernel';
  readonly kind: UefiProgram['kind'] | 'kernel';
  readonly signatures: readonly PeSignature[];
  /** Whether it has the revocation data (SBAT) that shim asks of boot loaders. */
  readonly hasSbat: boolean;
  /** Names of the certificates that shim trusts of itself; empty when it tells none. */
  readonly trusted: readonly string[];
}

export interface BootSignatures {
  /** In the order in which they run; empty when no loader is on the fallback path. */
  readonly programs: readonly SignedProgram[];
  readonly unread: readonly CouldNotRead[];
}

/** Bytes; shim with two signatures and their chains has about 20 KiB. */
const LARGEST_TABLE = 1024 * 1024;
const LARGEST_CERTIFICATES = 256 * 1024;

/** Signatures of shim, boot loader and default kernel. Names only: whether a signature is good is the firmware's to say. */
export const bootSignatures = defineFact<BootSignatures>({
  id: 'boot-signatures',
  description: 'Who signed the programs from the firmware to the kernel, by the names in their signatures.',
  reads: [...uefiLoaders.reads, ...bootKernels.reads],
  async compute(context) {
    const { partition, fallback } = await context.get(uefiLoaders);
    const first = fallback.find(({ name }) => name === 'bootx64.efi' || name === 'bootaa64.efi');
    if (partition === undefined || !first) return { programs: [], unread: [] };
    const read = await readerOf(context, partition);
    const suffix = first.name === 'bootaa64.efi' ? 'aa64' : 'x64';
    const second = [`grub${suffix}.efi`, 'grub.efi'].flatMap(
      (name) => fallback.find((program) => program.name === name) ?? [],
    );
    const chain = [
      attempt(() => read(first, 'first')),
      ...(first.kind === 'shim' ? second.slice(0, 1).map((program) => attempt(() => read(program, 'second'))) : []),
    ];
    const loadsKernel = first.kind !== 'unified-kernel';
    const kernels = loadsKernel ? (await context.get(bootKernels)).kernels : [];
    const images = [...new Set(kernels.flatMap(({ image }) => image ?? []))];
    const all = [
      ...chain,
      ...images.map((path) => attempt(() => describe(context.rootFs, path, path, 'kernel', 'kernel'))),
    ];
    return {
      programs: all.flatMap((program) => (isCouldNotRead(program) ? [] : program)),
      unread: all.filter(isCouldNotRead),
    };
  },
});

async function readerOf(context: FactContext, shownTop: string) {
  const partition = context.disk && (await context.get(efiPartition));
  const files = (partition && efiFiles(context, partition)) ?? { rootFs: context.rootFs, top: shownTop };
  return ({ path, kind }: UefiProgram, stage: SignedProgram['stage']) =>
    describe(files.rootFs, `${files.top}${path.slice(shownTop.length)}`, path, stage, kind);
}

function describe(
  rootFs: RootFs,
  path: string,
  shown: string,
  stage: SignedProgram['stage'],
  kind: SignedProgram['kind'],
): SignedProgram {
  const head = rootFs.readBytes(path, 0, PE_HEADERS_LENGTH) ?? new Uint8Array();
  const table = parseCertificateTable(head);
  if (table && table.size > LARGEST_TABLE)
    throw new CouldNotRead(shown, `its signatures take up ${table.size} bytes, more than are read (${LARGEST_TABLE})`);
  const bytes = table && rootFs.readBytes(path, table.offset, table.size);
  const sections = parsePeSections(head) ?? [];
  return {
    path: shown,
    stage,
    kind,
    signatures: bytes ? parsePeSignatures(bytes) : [],
    hasSbat: sections.some(({ name }) => name === '.sbat'),
    trusted: kind === 'shim' ? vendorCertificates(rootFs, path, sections) : [],
  };
}

/**
 * The section .vendor_cert of shim, whose name does not fit into the section table: sizes and offsets of two lists in 16
 * bytes (shim's cert.S), of which the first may be one certificate; a list of several is not told apart.
 */
function vendorCertificates(
  rootFs: RootFs,
  path: string,
  sections: readonly { readonly name: string; readonly offset: number; readonly size: number }[],
): readonly string[] {
  return sections
    .filter(({ name, size }) => name.startsWith('/') && size > 16 && size <= LARGEST_CERTIFICATES)
    .flatMap(({ offset, size }) => {
      const bytes = rootFs.readBytes(path, offset, size) ?? new Uint8Array();
      if (bytes.length < 16) return [];
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const [length, start] = [view.getUint32(0, true), view.getUint32(8, true)];
      if (start !== 16 || length === 0 || start + length > bytes.length) return [];
      return parseCertificate(bytes.subarray(start, start + length))?.subject ?? [];
    });
}
