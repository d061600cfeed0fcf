import { crc32c, rawCrc32c } from '../../src/disk/checksums.ts';

/** A device that is zero but for the pieces, and what it is taken for. */
export interface Specimen {
  readonly type: string;
  readonly size: number;
  readonly pieces: Readonly<Record<number, Buffer>>;
  readonly uuid?: string;
  readonly label?: string;
}

const MEBIBYTE = 1024 * 1024;
/** Of every specimen that has 16 bytes for one. */
const UUID = '01234567-89ab-4cde-8f01-23456789abcd';
const uuidBytes = Buffer.from(UUID.replaceAll('-', ''), 'hex');
const guidBytes = Buffer.from('67452301ab89de4c8f0123456789abcd', 'hex');

type Field = [offset: number, value: number | bigint | string | Buffer, bytes?: 1 | 2 | 4];

/** Little-endian fields; numbers are of four bytes unless said otherwise, bigints of eight. */
function structure(size: number, ...fields: readonly Field[]): Buffer {
  const bytes = Buffer.alloc(size);
  for (const [offset, value, width = 4] of fields)
    if (typeof value === 'number') bytes.writeUIntLE(value, offset, width);
    else if (typeof value === 'bigint') bytes.writeBigUInt64LE(value, offset);
    else if (typeof value === 'string') bytes.write(value, offset, 'latin1');
    else value.copy(bytes, offset);
  return bytes;
}

const MD_MAGIC = 0xa92b4efc;

function newRaid(offset: number, size: number): Specimen {
  const fields: Field[] = [
    [0, MD_MAGIC],
    [4, 1],
    [16, uuidBytes],
    [32, 'host:data'],
    [144, BigInt(offset / 512)],
  ];
  const bytes = structure(
    256 + 3 * 2,
    ...fields,
    [168, Buffer.alloc(16, 7)],
    [220, 3],
    [256, 0, 2],
    [258, 1, 2],
    [260, 0xfffe, 2],
  );
  let sum = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) sum += bytes.readUInt32LE(at);
  sum += bytes.readUInt16LE(260);
  bytes.writeUInt32LE((sum % 2 ** 32) + Math.floor(sum / 2 ** 32), 216);
  return { type: 'linux_raid_member', size, pieces: { [offset]: bytes }, uuid: UUID, label: 'host:data' };
}

function oldRaid(isLittle: boolean): Specimen {
  const size = 8 * MEBIBYTE + 5000;
  const bytes = structure(64, [0, MD_MAGIC], [8, 90], [20, 0x01234567], [32, 1024], [52, 0x89ab4cde], [56, 0x8f012345]);
  bytes.writeUInt32LE(0x6789abcd, 60);
  if (!isLittle) bytes.swap32();
  return { type: 'linux_raid_member', size, pieces: { [8 * MEBIBYTE - 65_536]: bytes }, uuid: UUID };
}

function zfs(label: number): Specimen {
  const size = 65 * MEBIBYTE + 1000;
  const pair = (name: string, type: number, value: Buffer): Buffer => {
    const padded = Buffer.alloc(Math.ceil(name.length / 4) * 4);
    padded.write(name);
    const head = Buffer.alloc(12);
    const body = Buffer.concat([padded, word(type), word(1), value]);
    head.writeUInt32BE(12 + body.length, 0);
    head.writeUInt32BE(name.length, 8);
    return Buffer.concat([head, body]);
  };
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const long = (value: bigint): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return bytes;
  };
  const list = Buffer.concat([
    Buffer.from([1, 1, 0, 0]),
    word(0),
    word(1),
    pair('version', 8, long(5000n)),
    pair('name', 9, Buffer.concat([word(4), Buffer.from('tank')])),
    pair('state', 8, long(0n)),
    pair('txg', 8, long(4n)),
    pair('pool_guid', 8, long(1234567890123456789n)),
    pair('guid', 8, long(77n)),
    Buffer.alloc(8),
  ]);
  const last = Math.floor(size / 262_144) * 262_144;
  const at = [0, 262_144, last - 524_288, last - 262_144][label] ?? 0;
  // By these the blkid of util-linux 2.38 goes; later ones go by the list alone.
  const uberblocks = Buffer.concat(Array.from({ length: 8 }, () => structure(1024, [0, 0x00bab10cn])));
  return {
    type: 'zfs_member',
    size,
    pieces: { [at + 16_384]: list, [at + 131_072]: uberblocks },
    uuid: '1234567890123456789',
    label: 'tank',
  };
}

function swap(page: number): Specimen {
  return {
    type: 'swap',
    size: 2 * MEBIBYTE,
    pieces: {
      1024: structure(512, [0, 1], [4, 10], [12, uuidBytes], [28, 'swap space 16chr']),
      [page - 10]: Buffer.from('SWAPSPACE2'),
    },
    uuid: UUID,
    label: 'swap space 16chr',
  };
}

function exfat(): Specimen {
  const region = Buffer.concat([
    structure(
      512,
      [0, '\xeb\x76\x90EXFAT   '],
      [72, 16_384n],
      [80, 24],
      [84, 16],
      [88, 64],
      [92, 1000],
      [96, 2],
      [100, 0x1a2b3c4d],
      [104, 0x100, 2],
      [108, 9, 1],
      [109, 3, 1],
      [110, 1, 1],
      [510, 0xaa55, 2],
    ),
    Buffer.alloc(512 * 11),
  ]);
  let sum = 0;
  for (const [at, byte] of region.subarray(0, 512 * 11).entries())
    if (at !== 106 && at !== 107 && at !== 112) sum = ((sum >>> 1) + ((sum & 1) << 31) + byte) >>> 0;
  for (let at = 512 * 11; at < region.length; at += 4) region.writeUInt32LE(sum >>> 0, at);
  return { type: 'exfat', size: 8 * MEBIBYTE, pieces: { 0: region }, uuid: '1A2B-3C4D' };
}

function stratis(): Specimen {
  const ids = [UUID.replaceAll('0', 'f'), UUID].map((id) => id.replaceAll('-', ''));
  const bytes = structure(512, [4, '!Stra0tis\x86\xff\x02^\x41rh'], [32, ids[0] ?? ''], [64, ids[1] ?? '']);
  bytes.writeUInt32LE(crc32c(bytes.subarray(4)), 0);
  return { type: 'stratis', size: 2 * MEBIBYTE, pieces: { 512: bytes }, uuid: UUID };
}

function erofs(): Specimen {
  const bytes = structure(
    3072,
    [0, '\xe2\xe1\xf5\xe0'],
    [8, 1],
    [12, 12, 1],
    [36, 1],
    [48, uuidBytes],
    [64, 'modules'],
  );
  bytes.writeUInt32LE(rawCrc32c(bytes, 0xffffffff), 4);
  return { type: 'erofs', size: MEBIBYTE, pieces: { 1024: bytes }, uuid: UUID, label: 'modules' };
}

function iso9660(): Specimen {
  const descriptor = structure(2048, [0, 1, 1], [1, 'CD001'], [6, 1, 1], [40, 'CIDATA'.padEnd(32)], [128, 2048, 2]);
  structure(34, [0, 34, 1], [2, 20], [10, 2048]).copy(descriptor, 156);
  descriptor.write(`${'0'.repeat(16)}\x002026112512345678`, 813, 'latin1');
  return {
    type: 'iso9660',
    size: 2 * MEBIBYTE,
    pieces: {
      32768: descriptor,
      34816: structure(2048, [0, 255, 1], [1, 'CD001']),
      40960: structure(64, [0, 34, 1], [2, 20], [32, 1, 1]),
    },
    uuid: '2026-11-25-12-34-56-78',
    label: 'CIDATA',
  };
}

function bitlocker(): Specimen {
  const name = Buffer.from('DATA 2026', 'utf16le');
  const entry = Buffer.concat([structure(8, [0, 8 + name.length, 2], [2, 7, 2], [4, 2, 2], [6, 1, 2]), name]);
  const header = structure(48, [0, 48 + entry.length + 8], [4, 1], [8, 48], [16, guidBytes]);
  return {
    type: 'BitLocker',
    size: 2 * MEBIBYTE,
    pieces: {
      0: structure(512, [0, '\xeb\x58\x90-FVE-FS-'], [176, 65_536n], [510, 0xaa55, 2]),
      65536: Buffer.concat([structure(64, [0, '-FVE-FS-'], [10, 2, 2]), header, entry, Buffer.alloc(16)]),
    },
    uuid: UUID,
    label: 'DATA 2026',
  };
}

function reiserfs(): Specimen {
  const bytes = structure(128, [12, 18], [44, 4096, 2], [52, 'ReIsEr2Fs'], [84, uuidBytes], [100, 'old']);
  return { type: 'reiserfs', size: 2 * MEBIBYTE, pieces: { 65536: bytes }, uuid: UUID, label: 'old' };
}

function jfs(): Specimen {
  const sizes: Field[] = [
    [16, 4096],
    [20, 12, 2],
    [22, 3, 2],
    [24, 512],
    [28, 9, 2],
  ];
  const bytes = structure(184, [0, 'JFS1'], [4, 4], ...sizes, [136, uuidBytes], [152, 'ibm']);
  return { type: 'jfs', size: 17 * MEBIBYTE, pieces: { 32768: bytes }, uuid: UUID, label: 'ibm' };
}

function ntfs(): Specimen {
  const fields: Field[] = [
    [11, 512, 2],
    [13, 8, 1],
    [21, 0xf8, 1],
    [40, 4095n],
    [48, 4n],
    [56, 2n],
    [64, 0xf6, 1],
  ];
  const record = structure(64, [0, 'FILE'], [20, 56, 2], [28, 1024], [56, 0xffffffff]);
  return {
    type: 'ntfs',
    size: 2 * MEBIBYTE,
    pieces: {
      0: structure(
        512,
        [0, '\xeb\x52\x90NTFS    '],
        ...fields,
        [68, 1, 1],
        [72, 0x0abcdef012345678n],
        [510, 0xaa55, 2],
      ),
      16384: record,
      [16_384 + 3 * 1024]: record,
    },
    uuid: '0ABCDEF012345678',
  };
}

function f2fs(): Specimen {
  const name = Buffer.from('flash 🐧', 'utf16le');
  const bytes = structure(
    1200,
    [0, '\x10\x20\xf5\xf2'],
    [4, 1, 2],
    [6, 16, 2],
    [16, 12],
    [108, uuidBytes],
    [124, name],
  );
  return { type: 'f2fs', size: 2 * MEBIBYTE, pieces: { 1024: bytes }, uuid: UUID, label: 'flash 🐧' };
}

/** A backup header of LUKS2 whose first one was overwritten. */
function lostLuks(): Specimen {
  const bytes = structure(512, [0, 'SKUL\xba\xbe'], [24, 'kept'], [168, UUID]);
  bytes.writeUInt16BE(2, 6);
  bytes.writeBigUInt64BE(16_384n, 256);
  return { type: 'crypto_LUKS', size: 8 * MEBIBYTE, pieces: { 16384: bytes }, uuid: UUID, label: 'kept' };
}

/** Kinds that no program here makes; blkid is asked about each where it is there. */
export const specimens: Readonly<Record<string, Specimen>> = {
  'RAID 0.90': oldRaid(true),
  'RAID 0.90 of a big-endian machine': oldRaid(false),
  'RAID 1.0': newRaid(8 * MEBIBYTE - 8192, 8 * MEBIBYTE + 3000),
  'RAID 1.1': newRaid(0, 8 * MEBIBYTE),
  'RAID 1.2': newRaid(4096, 8 * MEBIBYTE),
  'the first label of ZFS': zfs(0),
  'the second label of ZFS': zfs(1),
  'the third label of ZFS': zfs(2),
  'the last label of ZFS': zfs(3),
  'swap of 4 KiB pages': swap(4096),
  'swap of 8 KiB pages': swap(8192),
  'swap of 64 KiB pages': swap(65_536),
  'swap of old': { type: 'swap', size: 2 * MEBIBYTE, pieces: { 4086: Buffer.from('SWAP-SPACE') } },
  'a hibernated system': {
    ...swap(4096),
    type: 'swsuspend',
    pieces: { ...swap(4096).pieces, 4086: Buffer.from('S1SUSPEND\0') },
  },
  exFAT: exfat(),
  Stratis: stratis(),
  erofs: erofs(),
  ISO9660: iso9660(),
  BitLocker: bitlocker(),
  ReiserFS: reiserfs(),
  JFS: jfs(),
  NTFS: ntfs(),
  F2FS: f2fs(),
  'the backup header of LUKS2': lostLuks(),
  VDO: {
    type: 'vdo',
    size: 2 * MEBIBYTE,
    pieces: { 0: structure(64, [0, 'dmvdo001'], [40, uuidBytes]) },
    uuid: UUID,
  },
  'dm-integrity': {
    type: 'DM_integrity',
    size: 2 * MEBIBYTE,
    pieces: { 0: structure(512, [0, 'integrt\0'], [8, 5, 1]) },
  },
  'a snapshot store': { type: 'DM_snapshot_cow', size: 2 * MEBIBYTE, pieces: { 0: Buffer.from('SnAp') } },
};
