import { isAllZero } from '../../disk/bytes.ts';
import { defineFact } from '../../engine/define.ts';
import { DISK, onDisk } from './places.ts';
import { MIB } from './sizes.ts';

export interface FirstMib {
  /** The first sector (of 512 bytes) between the entries of a GPT and the end of the first MiB that is not zero. */
  readonly firstUsedSector?: number;
}

const SECTOR = 512;
/** Protective MBR, header, and 128 entries. */
const GPT_SECTORS = 34;

/** What lies in the first MiB behind a GPT; undefined for a disk without one, and when the target is no disk. */
export const firstMib = defineFact<FirstMib | undefined>({
  id: 'first-mib',
  description: 'Whether anything is written between the GPT and the end of the first MiB.',
  reads: [DISK],
  compute({ disk }) {
    if (disk?.table.scheme !== 'gpt') return undefined;
    const start = GPT_SECTORS * SECTOR;
    const bytes = onDisk(DISK, () => disk.device.read(start, Math.max(0, Math.min(MIB, disk.device.size) - start)));
    if (isAllZero(bytes)) return {};
    const at = bytes.findIndex((byte) => byte !== 0);
    return { firstUsedSector: GPT_SECTORS + Math.floor(at / SECTOR) };
  },
});
