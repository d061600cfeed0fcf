import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import rules from '../../rules/index.ts';
import type { ImageReport, Intent } from '../../src/engine/model.ts';
import { openTarget } from '../../src/host/open.ts';
import { scanImage } from '../../src/scan-image.ts';
import { testHost } from '../../src/testing/image.ts';
import { materialize } from '../../src/testing/materialize.ts';
import { defaultIntent } from '../../src/testing/rule-cases.ts';
import { describeWith, run, workFolder } from '../disk/tools.ts';

const MIB = 2 ** 20;
const uuid = '2d1f0c5e-73b6-4d0e-9b5a-1f2e3d4c5b6a';
const judged = rules.filter(({ id }) =>
  /^(?:image-file|partitioning)\/|^gallery\/generation$|^storage\/root-entry$/.test(id),
);

/** A PE header for x86-64 without sections. */
function loader(): Buffer {
  const bytes = Buffer.alloc(88);
  bytes.write('MZ');
  bytes.writeUInt32LE(0x40, 0x3c);
  bytes.write('PE\0\0', 0x40);
  bytes.writeUInt16LE(0x8664, 0x44);
  return bytes;
}

async function scan(path: string, intent: Partial<Intent> = {}): Promise<ImageReport> {
  const image = await openTarget(path);
  try {
    const report = await scanImage(image, {
      intent: { ...defaultIntent, ...intent },
      rules: judged,
      host: testHost,
      label: 'disk',
      failOn: 'error',
      allowUnknown: false,
    });
    expect(report.internalErrors).toEqual([]);
    return report;
  } finally {
    image.close?.();
  }
}

const failed = ({ results }: ImageReport) =>
  results.flatMap(({ ruleId, findings }) => findings.map(({ severity }) => `${severity} ${ruleId}`));

describeWith(
  [
    { program: 'sgdisk', package: 'gdisk' },
    { program: 'mkfs.ext4', package: 'e2fsprogs' },
    { program: 'mkfs.vfat', package: 'dosfstools' },
    { program: 'mcopy', package: 'mtools' },
    { program: 'qemu-img', package: 'qemu-utils' },
  ],
  'a disk that real programs made',
  () => {
    const folder = workFolder();
    const raw = join(folder, 'disk.raw');

    beforeAll(() => {
      const root = join(folder, 'root');
      const esp = join(folder, 'esp.img');
      mkdirSync(root);
      materialize(
        {
          '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
          '/etc/fstab': `UUID=${uuid} / ext4 defaults 0 1\nUUID=1C2D-3E4F /boot/efi vfat umask=0077 0 1\n`,
          '/boot/efi': { dir: true },
          '/usr/lib': { dir: true },
        },
        root,
      );
      writeFileSync(esp, '');
      truncateSync(esp, 40 * MIB);
      run('mkfs.vfat', '-F', '32', '-i', '1C2D3E4F', esp);
      writeFileSync(join(folder, 'loader'), loader());
      run('mmd', '-i', esp, '::/EFI', '::/EFI/BOOT');
      run('mcopy', '-i', esp, join(folder, 'loader'), '::/EFI/BOOT/BOOTX64.EFI');
      writeFileSync(raw, '');
      truncateSync(raw, 128 * MIB);
      run('sgdisk', '-n', '15:2048:+40M', '-t', '15:ef00', '-n', '1:0:+80M', '-t', '1:8300', raw);
      run('dd', `if=${esp}`, `of=${raw}`, 'bs=1M', 'seek=1', 'conv=notrunc,sparse');
      run('mkfs.ext4', '-q', '-U', uuid, '-d', root, '-E', `offset=${41 * MIB}`, raw, '80M');
    });

    const convert = (name: string, ...options: readonly string[]): string => {
      const path = join(folder, name);
      run('qemu-img', 'convert', '-f', 'raw', ...options, raw, path);
      return path;
    };

    test('passes as a fixed VHD, and boots generation 2', async () => {
      const report = await scan(convert('fixed.vhd', '-O', 'vpc', '-o', 'subformat=fixed,force_size=on'), {
        generation: 2,
      });
      expect([failed(report), report.verdict, report.system.generation]).toEqual([[], 'pass', [2]]);
    });

    test('is told to be declared when nobody does, and not to be another', async () => {
      const path = convert('fixed.vhd', '-O', 'vpc', '-o', 'subformat=fixed,force_size=on');
      expect(failed(await scan(path))).toEqual(['info gallery/generation']);
      expect(failed(await scan(path, { generation: 1 }))).toEqual(['error gallery/generation']);
    });

    test.each([
      ['dynamic.vhd', ['-O', 'vpc', '-o', 'force_size=on'], ['error image-file/fixed-type']],
      ['disk.vhdx', ['-O', 'vhdx'], ['error image-file/format']],
      ['disk.qcow2', ['-O', 'qcow2'], ['error image-file/format']],
      ['copy.raw', ['-O', 'raw'], ['error image-file/format']],
    ])('%s is refused for its format alone', async (name, options, expected) => {
      const path = convert(name, ...options);
      expect(failed(await scan(path, { generation: 2 }))).toEqual(expected);
      const advised = await scan(path, { generation: 2, intermediate: true });
      expect([failed(advised), advised.verdict]).toEqual([
        expected.map((line) => line.replace('error', 'info')),
        'pass',
      ]);
    });

    test('a VHD that qemu-img rounded to its geometry has another size and a GPT that does not end where the disk does', async () => {
      const path = convert('rounded.vhd', '-O', 'vpc', '-o', 'subformat=fixed');
      expect(failed(await scan(path, { generation: 2 }))).toEqual([
        'error image-file/virtual-size',
        'warning partitioning/gpt',
      ]);
    });

    test('a VHD with bytes put before its footer has another length', async () => {
      const path = convert('longer.vhd', '-O', 'vpc', '-o', 'subformat=fixed,force_size=on');
      const footer = readFileSync(path).subarray(-512);
      appendFileSync(path, Buffer.concat([Buffer.alloc(512), footer]));
      expect(failed(await scan(path, { generation: 2 }))).toEqual(['error image-file/file-length']);
    });
  },
);
