import { PE_HEADERS_LENGTH, parsePeSections } from '../../formats/pe-sections.ts';
import type { RootFs } from '../../image/root-fs.ts';

/** A kernel, its initramfs and its command line in one file, as systemd-stub starts it. */
export interface UnifiedKernel {
  readonly release?: string;
  /** Where in the file the initramfs lies. */
  readonly initrd?: { readonly offset: number; readonly size: number };
}

const RELEASE_LENGTH = 256;

/** What the sections of a unified kernel image say. */
export function readUnifiedKernel(rootFs: RootFs, path: string): UnifiedKernel {
  const sections = parsePeSections(rootFs.readBytes(path, 0, PE_HEADERS_LENGTH) ?? new Uint8Array()) ?? [];
  const uname = sections.find(({ name }) => name === '.uname');
  const initrd = sections.find(({ name }) => name === '.initrd');
  const text = uname && rootFs.readBytes(path, uname.offset, Math.min(uname.size, RELEASE_LENGTH));
  const release = text && new TextDecoder().decode(text).split('\0', 1)[0]?.trim();
  return { ...(release && { release }), ...(initrd && { initrd: { offset: initrd.offset, size: initrd.size } }) };
}
