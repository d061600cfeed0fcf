import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import type { OpenedContainer } from '../../src/disk/container.ts';
import { openContainer } from '../../src/disk/containers/open.ts';
import { pageCache } from '../../src/disk/page-cache.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import {
  errorOf,
  expectContent,
  expectSame,
  golden,
  goldenContent,
  goldenNames,
  openBytes,
  scatteredContent,
} from './container-content.ts';
import { sequence } from './memory-disk.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(120_000);

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const qemu = { program: 'qemu-img', package: 'qemu-utils' };

describe('a small disk that is kept in the repository', () => {
  const expected = {
    'dynamic.vhd': { format: 'vhd', type: 'dynamic', blockSize: 2 * MiB, problems: [] },
    'dynamic.vhdx': { format: 'vhdx', type: 'dynamic', blockSize: MiB, log: 'empty', problems: [] },
    'zlib.qcow2': { format: 'qcow2', compression: 'zlib', clusterSize: 4096, extendedL2: false, problems: [] },
    'zstd.qcow2': { format: 'qcow2', compression: 'zstd', clusterSize: 65_536, extendedL2: true, problems: [] },
  };

  it.each(goldenNames)('is read out of %s', (name) => {
    const { container, disk } = openBytes(golden(name));
    expect(container).toMatchObject({ ...expected[name], virtualSize: disk.size });
    expectSame(disk.read(0, disk.size), goldenContent());
  });
});

describeWith([qemu], 'a container that qemu-img writes', () => {
  const folder = workFolder();
  const raw = join(folder, 'raw');
  const image = join(folder, 'image');
  const size = 66 * MiB + 512;
  const content = scatteredContent(size);
  const devices: FileDevice[] = [];

  beforeAll(() => {
    const file = openSync(raw, 'w');
    // With holes, as images have them.
    for (let at = 0; at < size; at += 64 * 1024) {
      const piece = content.subarray(at, at + 64 * 1024);
      if (piece.some((byte) => byte !== 0)) writeSync(file, piece, 0, piece.length, at);
    }
    closeSync(file);
    truncateSync(raw, size);
  });
  afterEach(() => {
    for (const device of devices.splice(0)) device.close();
  });

  const convert = (format: string, ...options: readonly string[]): OpenedContainer => {
    run('qemu-img', 'convert', '-f', 'raw', '-O', format, ...options, raw, image);
    const device = new FileDevice(image);
    devices.push(device);
    const opened = openContainer(pageCache(device, 4 * MiB), nodeCodecs);
    const info: unknown = JSON.parse(run('qemu-img', 'info', '--output=json', '-f', format, image));
    expect(info).toMatchObject({ 'virtual-size': opened.container.virtualSize });
    expect(opened.container).toMatchObject({ fileSize: device.size });
    return opened;
  };

  test.each([
    ['vpc', 'subformat=fixed,force_size', { type: 'fixed', problems: [] }],
    ['vpc', 'subformat=dynamic,force_size', { type: 'dynamic', problems: [] }],
    ['vhdx', 'block_size=1M', { blockSize: MiB }],
    ['vhdx', 'block_size=1M,block_state_zero=off', { type: 'dynamic' }],
    ['vhdx', 'subformat=fixed', { type: 'fixed', log: 'empty', logicalSectorSize: 512 }],
    ['vhdx', 'block_size=256M', { blockSize: 256 * MiB, creator: expect.stringContaining('QEMU') }],
    ['qcow2', 'compat=0.10', { version: 2, clusterSize: 65_536 }],
    ['qcow2', 'compat=0.10,cluster_size=512', { version: 2, clusterSize: 512 }],
    ['qcow2', 'cluster_size=512', { version: 3, clusterSize: 512 }],
    ['qcow2', 'cluster_size=2M', { clusterSize: 2 * MiB, extendedL2: false }],
    ['qcow2', 'extended_l2=on,cluster_size=16k', { extendedL2: true }],
    ['qcow2', 'extended_l2=on,cluster_size=2M', { extendedL2: true }],
    ['qcow2', 'preallocation=metadata', { version: 3 }],
    ['qcow2', 'extended_l2=on,preallocation=falloc', { extendedL2: true }],
    ['qcow2', 'lazy_refcounts=on,refcount_bits=1', { problems: [] }],
    ['raw', '', { format: 'raw' }],
  ])('%s %s holds the same bytes', (format, options, expected) => {
    const { container, disk } = convert(format, ...(options ? ['-o', options] : []));
    expect(container).toMatchObject({ ...expected, virtualSize: size });
    expectContent(disk, content);
  });

  test.each([
    ['compression_type=zlib', { compression: 'zlib' }],
    ['compression_type=zstd', { compression: 'zstd' }],
    ['compression_type=zstd,cluster_size=2M', { compression: 'zstd' }],
    ['compression_type=zlib,cluster_size=4k,compat=0.10', { version: 2, compression: 'zlib' }],
    ['compression_type=zstd,extended_l2=on,cluster_size=128k', { compression: 'zstd', extendedL2: true }],
  ])('qcow2 compressed by %s holds the same bytes', (options, expected) => {
    const { container, disk } = convert('qcow2', '-c', '-o', options.replace('compression_type=zlib,', ''));
    expect(container).toMatchObject(expected);
    expectContent(disk, content);
  });

  test.each(['fixed', 'dynamic'])('vpc of the type %s is longer without force_size, and zero at its end', (type) => {
    const { container, disk } = convert('vpc', '-o', `subformat=${type}`);
    expect(container).toMatchObject({ type, footer: { creatorApplication: 'qemu' }, problems: [] });
    expect(disk.size).toBeGreaterThan(size);
    expectSame(disk.read(0, disk.size), Buffer.concat([content, Buffer.alloc(disk.size - size)]));
  });

  it('names what it would have to be converted from', () => {
    for (const [format, name] of [
      ['vmdk', 'a VMDK of VMware'],
      ['vdi', 'a VDI of VirtualBox'],
      ['qed', 'a QED of QEMU'],
      ['parallels', 'an HDD of Parallels'],
      ['qcow', 'has version 1'],
    ]) {
      run('qemu-img', 'create', '-q', '-f', `${format}`, image, '1M');
      const device = new FileDevice(image);
      devices.push(device);
      const { kind, message, advice } = errorOf(device.read(0, device.size));
      expect({ kind, message, advice }).toEqual({
        kind: 'unsupported',
        message: expect.stringContaining(`${name}`),
        advice: expect.stringContaining(`qemu-img convert -f ${format} -O `),
      });
    }
  });
});

describeWith([qemu], 'a disk of 30 GiB', () => {
  const folder = workFolder();

  test.each([
    ['vpc', 'subformat=fixed,force_size', 202],
    ['vpc', 'subformat=dynamic,force_size', 210],
    ['vhdx', '', 210],
    ['qcow2', '', 210],
  ])('as %s (%s) is opened, and 200 places of it read, with a page or two each', (format, options, most) => {
    const image = join(folder, 'image');
    run('qemu-img', 'create', '-q', '-f', format, ...(options ? ['-o', options] : []), image, '30G');
    const device = new FileDevice(image);
    try {
      const { disk } = openContainer(pageCache(device), nodeCodecs);
      expect(disk.size).toBe(30 * GiB);
      const random = sequence(30);
      for (let round = 0; round < 200; round++) disk.read(random((30 * GiB) / 4096) * 4096, 4096);
      expect(device.usage.reads).toBeLessThanOrEqual(most);
      expect(device.usage.bytesRead).toBeLessThanOrEqual(most * 4 * 1024);
    } finally {
      device.close();
    }
  });

  test.each([
    ['vpc', 'subformat=dynamic,force_size'],
    ['vhdx', 'block_size=1M'],
    ['vhdx', 'block_size=32M'],
    ['vhdx', 'block_size=256M'],
    ['qcow2', 'cluster_size=4k'],
    ['qcow2', 'cluster_size=64k,extended_l2=on'],
  ])('as %s (%s) is read behind its first gigabytes, too', (format, options) => {
    const image = join(folder, 'image');
    run('qemu-img', 'create', '-q', '-f', format, '-o', options, image, '30G');
    const places = [1, 2, 4, 8, 12, 20, 29].map((gibibytes) => gibibytes * GiB - 3 * 512);
    const writes = places.flatMap((place, index) => ['-c', `write -q -P ${index + 1} ${place} 6144`]);
    run('qemu-io', '-f', format, ...writes, image);
    const device = new FileDevice(image);
    try {
      const { disk } = openContainer(pageCache(device), nodeCodecs);
      for (const [index, place] of places.entries()) {
        const around = Buffer.alloc(3 * 6144);
        around.fill(index + 1, 6144, 2 * 6144);
        expectSame(disk.read(place - 6144, around.length), around);
      }
    } finally {
      device.close();
    }
  });
});

describe('a file that is no disk', () => {
  const starting = (start: readonly number[], at = 0): Uint8Array => {
    const bytes = new Uint8Array(40_960);
    bytes.set(start, at < 0 ? bytes.length + at : at);
    return bytes;
  };
  const text = (characters: string) => [...Buffer.from(characters, 'latin1')];

  it.each([
    ['is compressed by gzip', starting([0x1f, 0x8b, 8]), 'gzip --decompress --keep FILE'],
    ['is compressed by xz', starting(text('\xfd7zXZ\0')), 'xz --decompress --keep FILE'],
    ['is compressed by Zstandard', starting([0x28, 0xb5, 0x2f, 0xfd]), 'zstd --decompress FILE'],
    ['is compressed by bzip2', starting(text('BZh9')), 'bzip2 --decompress --keep FILE'],
    ['is compressed by lz4', starting([4, 0x22, 0x4d, 0x18]), 'lz4 --decompress FILE'],
    ['is a zip archive', starting(text('PK\x03\x04')), 'unzip FILE'],
    ['is a 7-Zip archive', starting(text('7z\xbc\xaf\x27\x1c')), '7z x FILE'],
    ['is the descriptor of a VMDK', starting(text('# Disk DescriptorFile\n')), 'qemu-img convert -f vmdk'],
    ['is an ISO 9660 image', starting(text('CD001'), 0x8001), 'install from it into a disk'],
    ['is an Android sparse image', starting([0x3a, 0xff, 0x26, 0xed]), 'simg2img FILE'],
    ['is a DMG of macOS', starting(text('koly'), -512), 'qemu-img convert -f dmg'],
  ])('%s, and says how to make one of it', (message, bytes, advice) => {
    expect(errorOf(bytes)).toMatchObject({
      kind: 'unsupported',
      structure: 'file',
      message: expect.stringContaining(`file ${message}`),
      advice: expect.stringContaining(advice),
    });
  });

  it.each([
    [0, 'file is empty'],
    [1, 'file has 1 bytes; the smallest disk is one sector of 512'],
    [511, 'file has 511 bytes; the smallest disk is one sector of 512'],
  ])('has %i bytes', (size, message) => {
    expect(errorOf(new Uint8Array(size))).toMatchObject({ kind: 'corrupt', message });
  });

  it('is still a raw disk when nothing else is known of it, whatever its size', () => {
    for (const size of [512, 5000]) {
      const { container, disk } = openBytes(new Uint8Array(size).fill(7));
      expect(container).toEqual({ format: 'raw', fileSize: size, virtualSize: size });
      expectSame(disk.read(0, size), Buffer.alloc(size, 7));
    }
  });
});
