import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, jest, test } from '@jest/globals';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { noise } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { mounted } from './mounted.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(120_000);

const mkfs = { program: 'mkfs.ext4', package: 'e2fsprogs' };

/** Leaves an image as a power cut would: what was synchronised is in the journal and not yet in its place. */
function cutOff(image: string, copy: string, type: string, options: string): void {
  mounted(
    image,
    type,
    (top) => {
      const at = (...names: string[]) => join(top, ...names);
      run('mkdir', at('etc'), at('gone'));
      writeFileSync(at('etc', 'sshd_config'), 'PermitRootLogin yes\n');
      run('sh', '-c', `cd ${top}/gone; for i in $(seq 300); do mkdir d$i; done; sync`);
      run('sh', '-c', `cd ${top}; rm -r gone; sync; mkdir many; for i in $(seq 333); do echo $i >many/f$i; done`);
      writeFileSync(at('etc', 'sshd_config'), 'PermitRootLogin no\n');
      // Under data=journal this block begins like one of the journal's own.
      const magic = noise(64 * 1024);
      for (let block = 0; block < magic.length; block += 1024) magic.writeUInt32BE(0xc03b3998, block);
      writeFileSync(at('magic'), magic);
      writeFileSync(at('big'), noise(3_000_000, 5));
      run('sh', '-c', `ln -s ${'t'.repeat(100)} ${top}/link; sync -f ${top}/magic`);
      copyFileSync(image, copy);
    },
    options,
  );
}

describeWith([mkfs, 'loop'], 'a journal that was left to replay', () => {
  const folder = workFolder();

  test.each([
    ['ext4', '', 'rw'],
    ['ext4', '-b 1024', 'rw'],
    ['ext4', '-O ^metadata_csum', 'rw'],
    ['ext4', '-O ^metadata_csum,^64bit', 'rw,journal_checksum'],
    ['ext4', '-b 1024', 'rw,data=journal'],
    ['ext4', '-O ^metadata_csum -b 1024', 'rw,data=journal'],
    ['ext4', '', 'rw,data=journal,journal_async_commit'],
    ['ext3', '', 'rw'],
    ['ext3', '-b 1024', 'rw,data=journal'],
  ])('%s %s, mounted %s, reads as it does after the kernel has replayed it', (type, mkfsOptions, options) => {
    const [image, copy] = [join(folder, 'image'), join(folder, 'copy')];
    run('rm', '-f', image);
    run('truncate', '-s', '64M', image);
    run(`mkfs.${type}`, '-q', '-F', ...mkfsOptions.split(' ').filter(Boolean), image);
    cutOff(image, copy, type, options);
    const device = new FileDevice(copy);
    const fileSystem = ext.open(device, nodeCodecs);
    const replayed = manifestOf(fileSystem.tree);
    device.close();
    expect(fileSystem.state.kind).toBe('replayed');
    const truth = mounted(copy, type, (top) => manifestOf(new DirectoryTree(top)), 'ro');
    expect(Object.keys(truth).length).toBeGreaterThan(335);
    expect(replayed).toEqual(truth);
  });

  it('says how much was replayed, and nothing on a clean one', () => {
    const [image, copy] = [join(folder, 'image'), join(folder, 'copy')];
    run('rm', '-f', image);
    run('truncate', '-s', '64M', image);
    run('mkfs.ext4', '-q', '-F', image);
    cutOff(image, copy, 'ext4', 'rw');
    expect(ext.open(new FileDevice(copy), nodeCodecs).state).toEqual({
      kind: 'replayed',
      detail: expect.stringMatching(/^\d+ blocks of \d+ transactions?$/),
    });
    expect(ext.open(new FileDevice(image), nodeCodecs).state).toEqual({ kind: 'clean' });
  });

  it('replays nothing when fast commits follow, and says so', () => {
    const [image, copy] = [join(folder, 'image'), join(folder, 'copy')];
    run('rm', '-f', image);
    run('truncate', '-s', '64M', image);
    run('mkfs.ext4', '-q', '-F', '-O', 'fast_commit', image);
    mounted(image, 'ext4', (top) => {
      writeFileSync(join(top, 'first'), 'x');
      run('sync', '-f', top);
      run('sh', '-c', `cd ${top}; for i in 1 2 3 4 5; do echo $i >f$i; sync f$i; done`);
      copyFileSync(image, copy);
    });
    const { state } = ext.open(new FileDevice(copy), nodeCodecs);
    expect(state).toMatchObject({ kind: 'dirty', reason: expect.stringContaining('fast commits') });
    expect(ext.open(new FileDevice(image), nodeCodecs).state.kind).toBe('clean');
  });
});
