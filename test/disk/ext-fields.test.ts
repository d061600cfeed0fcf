import { closeSync, mkdirSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from '@jest/globals';
import { blank, caught, openExt } from './ext-image.ts';
import { describeWith, run, workFolder } from './tools.ts';

const mkfs = { program: 'mkfs.ext4', package: 'e2fsprogs' };

describeWith([mkfs, { program: 'debugfs', package: 'e2fsprogs' }], 'ext4 with single fields set by debugfs', () => {
  const folder = workFolder();
  const [image, source] = [join(folder, 'image'), join(folder, 'source')];

  function fileSystemWith(mkfsOptions: string, ...requests: readonly string[]) {
    rmSync(source, { recursive: true, force: true });
    mkdirSync(join(source, 'folded'), { recursive: true });
    writeFileSync(join(source, 'folded', 'Straße'), 'written so');
    writeFileSync(join(source, 'folded', 'Éa'), 'composed');
    blank(image, 16);
    run('mkfs.ext4', '-q', '-F', ...mkfsOptions.split(' ').filter(Boolean), '-d', source, image);
    for (const request of requests) run('debugfs', '-w', '-R', request, image);
    return openExt(image);
  }

  it('finds names in any case where the directory is case-folded, and only there', () => {
    const found = (...requests: string[]) => {
      const { tree } = fileSystemWith('-O casefold -E encoding=utf8', ...requests);
      const directory = tree.lookup(tree.root, 'folded');
      const names = ['Straße', 'STRASSE', 'straße', 'e\u0301A', 'strase'];
      return names.filter((name) => tree.lookup(directory, name) !== undefined);
    };
    expect(found()).toEqual(['Straße']);
    // EXT4_CASEFOLD_FL and EXT4_EXTENTS_FL.
    expect(found('sif /folded flags 0x40080000')).toEqual(['Straße', 'STRASSE', 'straße', 'e\u0301A']);
  });

  test.each([
    ['', 'ssv state 3', 'the kernel has recorded errors in it'],
    ['', 'ssv error_count 5', 'the kernel has recorded 5 errors in it'],
    ['', 'ssv state 0', 'it is not marked as clean, so e2fsck would check it'],
    ['-O ^has_journal', 'ssv state 0', 'it was not unmounted, and has no journal that would make it consistent'],
    ['', 'ssv last_orphan 13', 'deleted files are still in it, which the next mount removes'],
  ])('mkfs.ext4 %s, then %s: complains that %s', (mkfsOptions, request, complaint) => {
    expect(fileSystemWith(mkfsOptions, request).complaints).toEqual([complaint]);
  });

  /** Inverts one byte of the image. */
  function damage(at: number): void {
    const file = openSync(image, 'r+');
    const byte = new Uint8Array(1);
    readSync(file, byte, 0, 1, at);
    writeSync(file, Uint8Array.of((byte[0] ?? 0) ^ 0xff), 0, 1, at);
    closeSync(file);
  }

  test.each(['-O ^metadata_csum,uninit_bg', '-O ^metadata_csum,^64bit,uninit_bg', '-O metadata_csum'])(
    'mkfs.ext4 -b 1024 %s: a changed group descriptor is noticed by its checksum',
    (mkfsOptions) => {
      fileSystemWith(`-b 1024 ${mkfsOptions}`);
      damage(2048 + 0x0c);
      const { tree } = openExt(image);
      expect(caught(() => tree.status(tree.root))).toMatchObject({
        kind: 'corrupt',
        message: 'ext descriptor of group 0 at byte 2048 has a wrong checksum',
      });
    },
  );

  it('complains about the journal that nobody needs, but without which no mount succeeds', () => {
    fileSystemWith('-b 1024');
    const start = Number(run('debugfs', '-R', 'blocks <8>', image).trim().split(' ')[0]) * 1024;
    damage(start + 0x23);
    const recorded = openExt(image);
    expect(recorded.complaints).toEqual(['its journal has recorded the error 255']);
    damage(start);
    const damaged = openExt(image);
    expect(damaged.state).toEqual({ kind: 'clean' });
    expect(damaged.complaints).toEqual([
      'it cannot be mounted, as its journal is damaged: ext journal superblock lacks its magic 0xc03b3998',
    ]);
  });

  it('has no file behind a name whose inode was deleted, or is none for files', () => {
    const of = (request: string) => {
      const { tree } = fileSystemWith('', request);
      const directory = tree.lookup(tree.root, 'folded');
      return caught(() => tree.status(tree.lookup(directory, 'Éa')));
    };
    expect(of('sif /folded/Éa links_count 0')).toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('deleted'),
    });
    const { tree } = fileSystemWith('', 'unlink /folded/Éa', 'ln <8> /folded/Éa');
    const directory = tree.lookup(tree.root, 'folded');
    expect(caught(() => tree.status(tree.lookup(directory, 'Éa')))).toMatchObject({ kind: 'corrupt' });
  });
});
