import { DiskError } from './disk-error.ts';

/**
 * A run of bytes that is read at random: the file, the virtual disk inside its container, a partition, a logical
 * volume. Synchronous, as a promise per block costs more than the read.
 */
export interface BlockDevice {
  /** Bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`. The result may be a view of a cache: nobody writes into it.
   *
   * @throws {DiskError} when the range does not lie inside the device, or the host cannot read it
   */
  read(offset: number, length: number): Uint8Array;
}

/**
 * A part of a device as a device of its own.
 *
 * @param structure What the part is, for error messages: `partition 2`.
 * @throws {DiskError} when the part does not lie inside the device
 */
export function sliceDevice(device: BlockDevice, offset: number, size: number, structure: string): BlockDevice {
  checkRange(device, offset, size, structure);
  return {
    size,
    read: (at, length) => {
      checkRange({ size }, at, length, structure);
      return device.read(offset + at, length);
    },
  };
}

/** @throws {DiskError} when the range does not lie inside the device */
export function checkRange(device: { readonly size: number }, offset: number, length: number, structure: string): void {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
    throw new DiskError('corrupt', structure, `is addressed at byte ${offset} for ${length} bytes, which is no place`);
  if (offset + length > device.size)
    throw new DiskError(
      'corrupt',
      structure,
      `reaches to byte ${offset + length}, but there are ${device.size} bytes`,
      offset,
    );
}
