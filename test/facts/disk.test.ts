import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/disk/disk-error.ts';
import type { Intent } from '../../src/engine/model.ts';
import { Scan } from '../../src/engine/scan.ts';
import { bootCode } from '../../src/facts/disk/boot-code.ts';
import {
  type BootGeneration,
  bootGeneration,
  generationOf,
  notForGeneration,
} from '../../src/facts/disk/boot-generation.ts';
import { diskLayout } from '../../src/facts/disk/disk-layout.ts';
import { efiPartition } from '../../src/facts/disk/efi-partition.ts';
import { sizeText } from '../../src/facts/disk/sizes.ts';
import { uefiLoaders } from '../../src/facts/uefi-loaders.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import type { CaseDisk } from '../../src/testing/disk.ts';
import { imageFrom, testHost } from '../../src/testing/image.ts';
import { defaultIntent } from '../../src/testing/rule-cases.ts';
import { describeOracle, oraclePath } from '../oracles/oracle.ts';

const mbr: CaseDisk = { table: { scheme: 'mbr' }, partitions: [{ number: 1, holds: 'ext4', mount: '/' }] };
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

test.each([
  [32_212_254_720, '32212254720 bytes (30 GiB)'],
  [5_369_757_696, '5369757696 bytes (5121 MiB)'],
  [4_295_467_008, '4295467008 bytes (4096.48 MiB)'],
  [5_368_709_632, '5368709632 bytes (about 5120 MiB)'],
  [512, '512 bytes (0.5 KiB)'],
])('%d is written as %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

const bootImage = 'usr/lib/grub/i386-pc/boot.img';
const diskbootImage = 'usr/lib/grub/i386-pc/diskboot.img';

describeOracle('GRUB’s own first sectors', 'grub-pc-bin', [bootImage, diskbootImage], () => {
  const boot = () => Uint8Array.from(readFileSync(oraclePath(bootImage)));
  /** As grub-mkimage fills in the number of sectors. */
  const core = () => {
    const sector = Uint8Array.from(readFileSync(oraclePath(diskbootImage)));
    sector[508] = 60;
    return sector;
  };

  test('are recognised, and lead to the core image', async () => {
    const disk = { ...mbr, bootCode: 'none', bytes: { '0': base64(boot()), '512': base64(core()) } } as const;
    expect(await imageFrom({}, { disk }).get(bootCode)).toMatchObject({
      kind: 'grub',
      core: { sector: 1, state: 'present' },
    });
  });

  test('lead nowhere when the core image was not written', async () => {
    const disk = { ...mbr, bootCode: 'none', bytes: { '0': base64(boot()) } } as const;
    expect(await imageFrom({}, { disk }).get(bootCode)).toMatchObject({ kind: 'grub', core: { state: 'empty' } });
  });

  test('may point beyond the end of the disk', async () => {
    const first = boot();
    new DataView(first.buffer).setBigUint64(0x5c, 1n << 40n, true);
    const disk = { ...mbr, bootCode: 'none', bytes: { '0': base64(first) } } as const;
    expect(await imageFrom({}, { disk }).get(bootCode)).toMatchObject({ core: { state: 'empty' } });
  });

  test('with an address that no disk has cannot be followed', async () => {
    const first = boot();
    new DataView(first.buffer).setBigUint64(0x5c, 1n << 62n, true);
    const disk = { ...mbr, bootCode: 'none', bytes: { '0': base64(first) } } as const;
    const code = await imageFrom({}, { disk }).attempt(bootCode);
    expect(isCouldNotRead(code) && code.message).toContain('/dev/disk: address of GRUB’s core image');
  });
});

test('the boot code of parted, which prints nothing, starts the active partition', async () => {
  const disk = { ...mbr, bootCode: 'none', bytes: { '0': '+rgAEI7QvACwuAAAjtiOwPs=' } } as const;
  expect(await imageFrom({}, { disk }).get(bootCode)).toMatchObject({ kind: 'chain' });
});

describe('the generations of a disk', () => {
  test.each<[string, CaseDisk, BootGeneration['bios']['can'], BootGeneration['uefi']['can']]>([
    ['the good disk', {}, 'yes', 'yes'],
    ['without boot code', { bootCode: 'none' }, 'no', 'yes'],
    ['an MBR', mbr, 'yes', 'no'],
    ['an MBR without anything', { ...mbr, bootCode: 'none' }, 'no', 'no'],
    [
      'a core image that is not recognised',
      { ...mbr, bootCode: 'grub-without-core', bytes: { '512': 'AQID' } },
      'unknown',
      'no',
    ],
    [
      'an EFI system partition that cannot be read',
      {
        bootCode: 'none',
        partitions: [
          { number: 1, type: 'esp', size: '64MiB', unreadable: 'is damaged' },
          { number: 2, holds: 'ext4', mount: '/' },
        ],
      },
      'no',
      'unknown',
    ],
  ])('%s', async (_name, disk, bios, uefi) => {
    const boot = await imageFrom({}, { disk }).get(bootGeneration);
    expect({ bios: boot.bios.can, uefi: boot.uefi.can }).toEqual({ bios, uefi });
  });

  test('Arm64 has no BIOS, and needs a loader of its own', async () => {
    const files = { '/usr/bin/bash': { base64: 'f0VMRgIBAQAAAAAAAAAAAAMAtwA=' } };
    const boot = await imageFrom(files, { disk: {} }).get(bootGeneration);
    expect([boot.bios.can, boot.uefi.evidence[0]?.path]).toEqual(['no', '/dev/disk/p15/EFI/BOOT/BOOTAA64.EFI']);
  });
});

describe('what rules of one generation judge', () => {
  const ability = (can: BootGeneration['bios']['can']) => ({ can, reason: '', evidence: [] });
  const boots = (
    bios: BootGeneration['bios']['can'],
    uefi: BootGeneration['bios']['can'],
    from: BootGeneration['from'] = 'disk',
  ) => ({
    from,
    bios: ability(bios),
    uefi: ability(uefi),
  });
  const declared = (generation?: 1 | 2): Intent => ({ ...defaultIntent, ...(generation && { generation }) });

  test.each([
    ['declared, and booted', declared(2), boots('no', 'yes')],
    ['declared, and nothing boots', declared(2), boots('no', 'no')],
    ['declared, of a directory', declared(2), boots('unknown', 'unknown', 'files')],
    ['the only one that boots', declared(), boots('no', 'yes')],
  ])('%s', (_name, intent, boot) => {
    expect(notForGeneration(2, intent, boot)).toBeUndefined();
  });

  test.each([
    ['the other one is declared', declared(1), boots('yes', 'yes'), 'applies to'],
    ['declared, and only the other one boots', declared(2), boots('yes', 'no'), 'gallery/generation reports'],
    ['both boot', declared(), boots('yes', 'yes'), 'both'],
    ['neither boots', declared(), boots('no', 'no'), 'gallery/generation'],
    ['only the other one boots', declared(), boots('yes', 'no'), 'nobody says that it should'],
    ['unknown', declared(), boots('unknown', 'yes'), 'nobody says'],
    ['a directory', declared(), boots('no', 'yes', 'files'), 'nobody says'],
  ])('not when %s', (_name, intent, boot, reason) => {
    expect(notForGeneration(2, intent, boot)).toContain(reason);
  });

  test('the generation is the declared one, else the only one', () => {
    expect(generationOf(declared(1), boots('no', 'yes'))).toBe(1);
    expect(generationOf(declared(), boots('no', 'yes'))).toBe(2);
    expect(generationOf(declared(), boots('yes', 'no'))).toBe(1);
    expect(generationOf(declared(), boots('yes', 'yes'))).toBeUndefined();
    expect(generationOf(declared(), boots('no', 'yes', 'files'))).toBeUndefined();
  });
});

describe('the EFI system partition', () => {
  test('is read by itself when it is not mounted', async () => {
    const { partition, fallback } = await imageFrom({}, { disk: {} }).get(uefiLoaders);
    expect([partition, fallback.map(({ path }) => path)]).toEqual([
      '/dev/disk/p15',
      ['/dev/disk/p15/EFI/BOOT/BOOTAA64.EFI', '/dev/disk/p15/EFI/BOOT/BOOTX64.EFI'],
    ]);
  });

  test('is read through the root when it is mounted', async () => {
    const { partition, fallback } = await imageFrom({ '/boot/efi/EFI/BOOT/x.efi': 'MZ' }, { disk: {} }).get(
      uefiLoaders,
    );
    expect([partition, fallback.map(({ path }) => path)]).toEqual(['/boot/efi', ['/boot/efi/EFI/BOOT/x.efi']]);
  });

  test('is not a folder of the root that merely has its name', async () => {
    const loaders = await imageFrom({ '/boot/efi/EFI/BOOT/x.efi': 'MZ' }, { disk: mbr }).get(uefiLoaders);
    expect(loaders.partition).toBeUndefined();
  });
});

test('without a disk there is no layout', async () => {
  expect(await imageFrom({}).get(diskLayout)).toBeUndefined();
  expect(await imageFrom({}).get(efiPartition)).toBeUndefined();
});

test('a disk that cannot be read makes facts of it unreadable, with a place', async () => {
  const good = imageFrom({}, { disk: {} });
  const disk = good.disk && {
    ...good.disk,
    device: {
      size: good.disk.device.size,
      read: () => {
        throw new DiskError('io', 'disk file', 'cannot be read (EIO)');
      },
    },
  };
  const code = await new Scan(good.rootFs, testHost, disk).attempt(bootCode);
  expect(isCouldNotRead(code) && code.message).toBe('/dev/disk: disk file cannot be read (EIO)');
});
