import { defineFact } from '../engine/define.ts';
import type { Architecture, Evidence } from '../engine/model.ts';
import { ELF_HEADER_LENGTH, parseElfHeader } from '../formats/elf.ts';

/** Architecture with the program that shows it. */
export interface ExecutableFormat {
  readonly architecture: Architecture;
  /** Width of addresses in bits. */
  readonly bits: 32 | 64;
  readonly evidence: Evidence;
}

/** Programs of which every system has one, in the order of how surely they are its own. */
const PROGRAMS = [
  '/usr/lib/systemd/systemd',
  '/lib/systemd/systemd',
  '/usr/bin/bash',
  '/bin/bash',
  '/usr/bin/busybox',
  '/bin/busybox',
  '/sbin/init',
  '/bin/sh',
] as const;

/** `EM_*` of elf.h. */
const ARCHITECTURES: ReadonlyMap<number, Architecture> = new Map([
  [3, 'i386'],
  [62, 'x86_64'],
  [183, 'aarch64'],
]);

/** What the ELF header of the image's own programs says; undefined when it has none of them. */
export const executableFormat = defineFact<ExecutableFormat | undefined>({
  id: 'executable-format',
  description: 'Architecture and word size by the ELF header of init or a shell.',
  reads: PROGRAMS,
  compute({ rootFs }) {
    for (const path of PROGRAMS) {
      if (rootFs.stat(path)?.type !== 'file') continue;
      const header = parseElfHeader(rootFs.readBytes(path, 0, ELF_HEADER_LENGTH) ?? new Uint8Array());
      if (!header) continue;
      const architecture = ARCHITECTURES.get(header.machine) ?? 'other';
      return {
        architecture,
        bits: header.bits,
        evidence: { path, text: `ELF ${header.bits}-bit, machine ${header.machine}` },
      };
    }
    return undefined;
  },
});

/** Architecture of the image; undefined when no program shows it. */
export const architecture = defineFact<Architecture | undefined>({
  id: 'architecture',
  description: 'Architecture of the programs in the image.',
  reads: PROGRAMS,
  async compute(context) {
    return (await context.get(executableFormat))?.architecture;
  },
});
