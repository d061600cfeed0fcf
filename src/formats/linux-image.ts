/** What the header of a kernel image tells without unpacking it. */
export interface LinuxImageHeader {
  readonly architecture: 'x86' | 'arm64';
  /** Of x86: whether a 64-bit entry point exists (`XLF_KERNEL_64` of `xloadflags`); arm64 has nothing else. */
  readonly is64Bit: boolean;
  /** Offset in the file of the version string; x86 only. */
  readonly versionOffset?: number;
}

/** Length of the part of a kernel image that {@link parseLinuxImageHeader} needs, in bytes. */
export const LINUX_IMAGE_HEADER_LENGTH = 0x240;

/** The x86 boot protocol (Documentation/arch/x86/boot.rst) and the arm64 header (Documentation/arch/arm64/booting.rst). */
export function parseLinuxImageHeader(bytes: Uint8Array): LinuxImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 60 && view.getUint32(56, true) === 0x644d5241) return { architecture: 'arm64', is64Bit: true };
  if (bytes.length < LINUX_IMAGE_HEADER_LENGTH || view.getUint32(0x202, true) !== 0x53726448) return undefined;
  const protocol = view.getUint16(0x206, true);
  const pointer = view.getUint16(0x20e, true);
  return {
    architecture: 'x86',
    // Before protocol 2.12 the field did not exist, and kernels of that time are judged by their programs.
    is64Bit: protocol < 0x20c || (view.getUint16(0x236, true) & 1) === 1,
    ...(pointer !== 0 && { versionOffset: pointer + 0x200 }),
  };
}

/** Release at the beginning of a version string like `6.1.0-37-cloud-amd64 (user@host) #1 SMP …`. */
export function releaseOf(version: Uint8Array): string | undefined {
  return /^[0-9]+\.[0-9][\x21-\x7e]*/.exec(new TextDecoder('latin1').decode(version))?.[0];
}
