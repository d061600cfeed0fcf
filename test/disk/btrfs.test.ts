import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { DirectoryTree } from '../../src/host/directory.ts';
import { makeBtrfs, mountedBtrfs, whileMounted, withBtrfs } from './btrfs-image.ts';
import { buildHurtfulTree } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { describeWith, run, workFolder } from './tools.ts';

describeWith(mountedBtrfs, 'btrfs', () => {
  const folder = workFolder();
  const source = join(folder, 'source');
  const at = (name: string) => join(folder, name);
  let expected: Record<string, string> = {};

  const copyInto = (point: string) => run('cp', '-a', '--sparse=always', `${source}/.`, point);

  beforeAll(() => {
    buildHurtfulTree(source, { entries: 300 });
    rmSync(join(source, 'sparse'));
    // A tree block of 4 KiB has no room for it.
    rmSync(join(source, 'links', '4000'));
    run('cp', '-a', '/usr/share/common-licenses', join(source, 'compressible'));
    expected = manifestOf(new DirectoryTree(source));
  });

  test('made by mkfs --rootdir has every file of the folder', () => {
    const image = makeBtrfs(at('rootdir.img'), [
      '--rootdir',
      source,
      '-L',
      'a label',
      '-U',
      '01234567-89ab-4cde-8f01-23456789abcd',
    ]);
    withBtrfs(image, (fileSystem) => {
      expect(manifestOf(fileSystem.tree)).toEqual(expected);
      expect(fileSystem).toMatchObject({
        type: 'btrfs',
        uuid: '01234567-89ab-4cde-8f01-23456789abcd',
        label: 'a label',
        size: 256 * 1024 * 1024,
        blockSize: 4096,
        state: { kind: 'clean' },
        complaints: [],
      });
    });
  });

  test.each([
    ['zlib', [], 'compress-force=zlib'],
    ['LZO', [], 'compress-force=lzo'],
    ['Zstandard', [], 'compress-force=zstd:3'],
    ['4 KiB nodes in mixed groups', ['--mixed', '-n', '4096'], ''],
    ['4 KiB nodes in mixed groups and LZO', ['--mixed', '-n', '4096'], 'compress-force=lzo'],
    ['64 KiB nodes', ['-n', '65536'], 'max_inline=60000'],
    ['64 KiB nodes and zlib', ['-n', '65536'], 'compress-force=zlib'],
    ['xxhash', ['--csum', 'xxhash'], 'compress-force=zstd'],
    ['SHA-256', ['--csum', 'sha256'], ''],
    ['BLAKE2', ['--csum', 'blake2'], ''],
    ['explicit holes', ['-O', '^no-holes'], ''],
    ['everything twice', ['-m', 'dup', '-d', 'dup'], 'nodatasum'],
    ['no inline extents', ['-m', 'single'], 'max_inline=0'],
  ])('with %s has every file that was copied in', (_name, options, mountOptions) => {
    const image = makeBtrfs(at('variant.img'), options);
    whileMounted([image], mountOptions, (point) => copyInto(point));
    withBtrfs(image, (fileSystem) => {
      expect(manifestOf(fileSystem.tree)).toEqual(expected);
      expect(fileSystem).toMatchObject({ state: { kind: 'clean' }, complaints: [] });
    });
    const [, kind] = /compress-force=([a-z]+)/.exec(mountOptions) ?? [];
    const dump = run('btrfs', 'inspect-internal', 'dump-tree', '-t', '5', image);
    if (kind !== undefined) {
      expect(dump).toMatch(new RegExp(`extent compression \\d \\(${kind}\\)`));
      expect(dump).toMatch(new RegExp(`inline extent data size .* compression \\d \\(${kind}\\)`));
    } else expect(dump).toMatch(/extent compression 0 \(none\)/);
  });
});
