import type { BlockDevice } from '../../block-device.ts';
import { DiskError } from '../../disk-error.ts';
import { type BootSector, hasInfoSignature, stateBits } from './boot-sector.ts';

const SECTOR = 512;
/** Bytes at the start of each table that are compared; all of a table may be hundreds of megabytes. */
const COMPARED = 4096;
/** Bits of the second entry of the table, which is no cluster's: set while all is well. */
const healthBits = {
  16: { clean: 0x8000, noErrors: 0x4000 },
  32: { clean: 0x0800_0000, noErrors: 0x0400_0000 },
} as const;

/** What `fsck.fat` would say without reading every file. */
export function complaintsOf(device: BlockDevice, boot: BootSector): string[] {
  const complaints: string[] = [];
  if (boot.offset !== 0)
    complaints.push(
      `its boot sector is damaged and only the copy at byte ${boot.offset} is left: neither firmware nor Linux reads it`,
    );
  if (boot.size > device.size)
    complaints.push(`it has ${boot.size} bytes by its boot sector, but the volume has ${device.size}`);
  if (boot.state & stateBits.dirty) complaints.push('it was not unmounted: the dirty bit of its boot sector is set');
  if (boot.state & stateBits.surfaceTest) complaints.push('an error of the medium is recorded in its boot sector');
  // A volume cut short is still listed as far as it goes.
  try {
    complaints.push(...complaintsOfTables(device, boot), ...complaintsOfCopies(device, boot));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    complaints.push(error.message);
  }
  return complaints;
}

function complaintsOfTables(device: BlockDevice, boot: BootSector): string[] {
  const complaints: string[] = [];
  const length = Math.min(COMPARED, boot.fatSize);
  const first = device.read(boot.fatOffset, length);
  for (let copy = 1; copy < boot.fatCount; copy++)
    if (!areSame(first, device.read(boot.fatOffset + copy * boot.fatSize, length)))
      complaints.push(`its file allocation tables 1 and ${copy + 1} differ`);
  if (boot.activeFat !== undefined && boot.activeFat !== 0)
    complaints.push(`only its file allocation table ${boot.activeFat + 1} is kept, but Linux reads the first`);
  if (first[0] !== boot.media)
    complaints.push(
      `its file allocation table begins with media descriptor 0x${(first[0] ?? 0).toString(16)}, its boot sector has 0x${boot.media.toString(16)}`,
    );
  if (boot.width === 12) return complaints;
  const { clean, noErrors } = healthBits[boot.width];
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const health = boot.width === 16 ? view.getUint16(2, true) : view.getUint32(4, true);
  if ((health & clean) === 0) complaints.push('it was not unmounted: its file allocation table is marked as in use');
  if ((health & noErrors) === 0) complaints.push('an error of the medium is recorded in its file allocation table');
  return complaints;
}

function complaintsOfCopies(device: BlockDevice, boot: BootSector): string[] {
  const complaints: string[] = [];
  if (boot.infoOffset !== undefined && !hasInfoSignature(device.read(boot.infoOffset, SECTOR)))
    complaints.push(`its information sector at byte ${boot.infoOffset} has no signature`);
  if (boot.backupOffset === undefined || boot.offset !== 0) return complaints;
  const [sector, backup] = [0, boot.backupOffset].map((offset) => Uint8Array.from(device.read(offset, SECTOR)));
  // The state is kept up to date in the first only.
  for (const copy of [sector, backup]) copy?.fill(0, 65, 66);
  if (sector && backup && !areSame(sector, backup))
    complaints.push(`its boot sector and the copy at byte ${boot.backupOffset} differ`);
  return complaints;
}

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
