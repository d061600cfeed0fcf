import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DirectoryTree } from '../../src/host/directory.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { type OpenedTar, openTar } from '../../src/host/open-tar.ts';
import { unpackTar } from '../../src/host/unpack-tar.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { buildHurtfulTree, noise } from '../disk/hurtful-tree.ts';
import { type ManifestOptions, manifestOf } from '../disk/manifest.ts';
import { describeWith, run, workFolder } from '../disk/tools.ts';
import { archive, member } from './tar-image.ts';

const work = workFolder();
const isRoot = process.getuid?.() === 0;

async function open(path: string): Promise<OpenedTar> {
  const opened = await openTar(path);
  if (!opened) throw new Error(`${path} is not taken for a tar`);
  return opened;
}

async function manifestOfTar(path: string, options: ManifestOptions = {}): Promise<Record<string, string>> {
  const opened = await open(path);
  try {
    expect(opened.tree.problems).toEqual([]);
    return manifestOf(opened.tree, options);
  } finally {
    opened.close();
  }
}

describeWith([{ program: 'tar', package: 'tar' }], 'an archive that GNU tar made', () => {
  const source = join(work, 'source');
  buildHurtfulTree(source, { entries: 300, special: isRoot });
  // Names of 100, 155 and 256 bytes are where the formats change.
  for (const length of [97, 98, 99, 100, 101, 120]) {
    mkdirSync(join(source, 'n'.repeat(length)));
    writeFileSync(join(source, 'n'.repeat(length), 'x'.repeat(100)), `${length}`);
  }
  const expected = manifestOf(new DirectoryTree(source));

  test.each([
    ['gnu', []],
    ['gnu', ['--sparse']],
    ['oldgnu', ['--sparse']],
    ['posix', []],
    ['posix', ['--sparse', '--sparse-version=0.0']],
    ['posix', ['--sparse', '--sparse-version=0.1']],
    ['posix', ['--sparse', '--sparse-version=1.0']],
  ])('in the format %s with %j holds every file as it was', async (format, options) => {
    const path = join(work, `${format}${options.join('')}.tar`);
    const raw = options.length === 0 ? ['--exclude=./sparse'] : [];
    run('tar', '-C', source, `--format=${format}`, '--numeric-owner', ...options, ...raw, '-cf', path, '.');
    const except = raw.length === 0 ? [] : ['/sparse'];
    const whole = Object.fromEntries(Object.entries(expected).filter(([name]) => !except.includes(name)));
    expect(await manifestOfTar(path)).toEqual(whole);
    if (options.length > 0) expect(statSync(path).size).toBeLessThan(12_000_000);
  });

  test.each([
    ['ustar', ['--exclude=./names', '--exclude=./times', '--exclude=./links', '--exclude=./deep']],
    ['v7', ['--exclude=./names', '--exclude=./times', '--exclude=./links', '--exclude=./deep', '--exclude=./special']],
  ])('in the format %s holds what the format can', async (format, exclude) => {
    const path = join(work, `${format}.tar`);
    const long = [`--exclude=./${'n'.repeat(format === 'v7' ? 3 : 98)}*`];
    const special = ['--exclude=./special', '--exclude=./sparse'];
    run(
      'tar',
      '-C',
      source,
      `--format=${format}`,
      '--numeric-owner',
      ...exclude,
      ...special,
      ...long,
      '-cf',
      path,
      '.',
    );
    const left = [...exclude, ...special, ...long].map((option) => option.slice('--exclude=.'.length).replace('*', ''));
    const whole = Object.entries(expected).filter(([name]) => !left.some((prefix) => name.startsWith(prefix)));
    expect(await manifestOfTar(path)).toEqual(Object.fromEntries(whole));
    expect(whole.length).toBeGreaterThan(230);
  });

  test.each([
    ['with ./ in front', ['.']],
    ['with no prefix', readdirSync(source)],
    ['with absolute names', ['--absolute-names', '--transform=s,^\\./,/,;s,^\\.$,/,', '.']],
  ])('%s has the same root', async (_name, names) => {
    const path = join(work, 'prefix.tar');
    run('tar', '-C', source, '--exclude=sparse', '--sparse', '--numeric-owner', '-cf', path, ...names);
    const found = await manifestOfTar(path);
    const { '/': _root, '/sparse': _sparse, ...files } = expected;
    const { '/': _other, ...others } = found;
    expect(others).toEqual(files);
  });

  test.each([
    ['gzip', ['-1']],
    ['xz', ['-0']],
    ['bzip2', ['-1']],
    ['zstd', ['-3']],
    ['zstd', ['-19', '--long=25']],
  ])('and %s %j compressed reads the same', async (program, level) => {
    const path = join(work, `compressed.${program}`);
    run(
      'tar',
      '-C',
      source,
      '--exclude=./sparse',
      '--exclude=./sizes',
      '--sparse',
      '-cf',
      join(work, 'plain.tar'),
      '.',
    );
    writeFileSync(path, execFileSync(program, [...level, '-c', join(work, 'plain.tar')], { maxBuffer: 1 << 28 }));
    expect(await manifestOfTar(path)).toEqual(await manifestOfTar(join(work, 'plain.tar')));
    const { compression, close } = await open(path);
    close();
    expect(compression).toBe(program);
    // The file it was unpacked to has no name.
    expect(readdirSync(tmpdir()).filter((name) => /^vhd-preflight-.*\.tar$/.test(name))).toEqual([]);
  });

  test('and compressed in several members reads the same', async () => {
    const plain = join(work, 'plain.tar');
    const path = join(work, 'members.gz');
    run('tar', '-C', source, '-cf', plain, './sizes', './modes');
    const bytes = readFileSync(plain);
    writeFileSync(join(work, 'first'), bytes.subarray(0, 700_001));
    writeFileSync(join(work, 'second'), bytes.subarray(700_001));
    writeFileSync(
      path,
      Buffer.concat(['first', 'second'].map((name) => execFileSync('gzip', ['-c', join(work, name)]))),
    );
    expect(await manifestOfTar(path)).toEqual(await manifestOfTar(plain));
  });

  test('costs a read of its headers and of what is asked for', async () => {
    const folder = join(work, 'large');
    const path = join(work, 'large.tar');
    mkdirSync(folder);
    for (let index = 0; index < 20; index++) writeFileSync(join(folder, `${index}`), noise(1_000_000, index + 1));
    run('tar', '-C', folder, '-cf', path, '.');
    const { tree, usage, close } = await open(path);
    expect(usage.bytesRead).toBeLessThan(200_000);
    const before = (await open(path)).usage.bytesRead;
    const read = new TreeRootFs(tree).readBytes('/7', 500_000, 1000);
    expect(Buffer.from(read ?? [])).toEqual(noise(1_000_000, 8).subarray(500_000, 501_000));
    expect(usage.bytesRead).toBe(before);
    close();
  });

  test('over what it extracted before is what GNU tar leaves', async () => {
    const [first, second, path, extracted] = ['a', 'b', 'update.tar', 'extracted'].map((name) => join(work, name));
    if (!first || !second || !path || !extracted) throw new Error('four names');
    const shell = `
      mkdir -p ${first}/usr/lib/old ${first}/dir ${first}/full ${second}/lib/new ${second}/replaced ${extracted}
      cd ${first}; ln -s usr/lib lib; echo 1 >usr/lib/old/file; echo 1 >plain; echo 1 >full/kept; ln plain hard
      ln -s dir replaced; echo 1 >to-link; echo 1 >to-dir
      cd ${second}; echo 2 >lib/new/file; echo 2 >plain; ln -s nowhere dir; ln -s nowhere full; ln -s plain to-link
      mkdir to-dir; echo 2 >to-dir/file; echo 2 >replaced/file; chmod 700 to-dir
      tar -C ${first} --numeric-owner -cf ${path} usr lib dir full plain hard replaced to-link to-dir
      tar -C ${second} --numeric-owner -rf ${path} --no-recursion lib/new lib/new/file plain dir full to-link
      tar -C ${second} --numeric-owner -rf ${path} replaced to-dir
      tar -C ${extracted} --numeric-owner -xpf ${path} || true`;
    run('sh', '-c', shell);
    const { tree, close } = await open(path);
    expect(manifestOf(tree, { without: ['mtime'] })).toEqual(
      manifestOf(new DirectoryTree(extracted), { without: ['mtime'] }),
    );
    expect(tree.problems).toEqual(['"full" is not extracted: a directory with entries is in its place']);
    close();
  });
});

describeWith([{ program: 'bsdtar', package: 'libarchive-tools' }], 'an archive of another program', () => {
  const source = join(work, 'other');
  buildHurtfulTree(source, { entries: 50, special: isRoot, oddNames: false });
  unlinkSync(join(source, 'sparse'));
  const expected = manifestOf(new DirectoryTree(source));

  test.each(['pax', 'rpax', 'gnutar'])('bsdtar in the format %s holds every file as it was', async (format) => {
    const path = join(work, `bsd-${format}.tar`);
    run('bsdtar', '-C', source, '--format', format, '-cf', path, '.');
    expect(await manifestOfTar(path)).toEqual(expected);
  });
});

describeWith([{ program: 'cpio', package: 'cpio' }], 'an archive of cpio', () => {
  test('in the format ustar holds hard links with and without content', async () => {
    const [source, path] = [join(work, 'cpio'), join(work, 'cpio.tar')];
    mkdirSync(source);
    run(
      'sh',
      '-c',
      `cd ${source} && seq 1 900 >one && ln one two && ln -s one three && mkdir four && seq 1 9 >four/five`,
    );
    run('sh', '-c', `cd ${source} && find . | sort | cpio --quiet -o -H ustar >${path}`);
    expect(await manifestOfTar(path)).toEqual(manifestOf(new DirectoryTree(source)));
  });
});

describeWith([{ program: 'pax', package: 'pax' }], 'an archive of pax', () => {
  test.each(['ustar', 'tar'])('in the format %s holds every file as it was', async (format) => {
    const [source, path] = [join(work, `pax-${format}`), join(work, 'pax.tar')];
    mkdirSync(source);
    run(
      'sh',
      '-c',
      `cd ${source} && seq 1 900 >one && ln one two && ln -s one three && mkdir four && seq 1 9 >four/five`,
    );
    run('sh', '-c', `cd ${source} && pax -w -x ${format} . >${path}`);
    expect(await manifestOfTar(path)).toEqual(manifestOf(new DirectoryTree(source)));
  });
});

describeWith([{ program: 'python3', package: 'python3' }], "an archive of Python's tarfile", () => {
  test.each(['GNU_FORMAT', 'PAX_FORMAT', 'USTAR_FORMAT'])('in %s holds large numbers and old times', async (format) => {
    const path = join(work, `${format}.tar`);
    const large = format === 'USTAR_FORMAT' ? 1_234_567 : 4_294_967_290;
    const mtime = format === 'USTAR_FORMAT' ? 5 : -5;
    run(
      'python3',
      '-c',
      `import io, tarfile
with tarfile.open(${JSON.stringify(path)}, 'w', format=tarfile.${format}) as archive:
    for name in ('./f', './' + 'd/' * 40 + 'ü'):
        member = tarfile.TarInfo(name)
        member.uid, member.gid, member.mtime, member.mode, member.size = ${large}, 7, ${mtime}, 0o4751, 5
        archive.addfile(member, io.BytesIO(b'hello'))`,
    );
    const { tree, close } = await open(path);
    const root = new TreeRootFs(tree);
    for (const name of ['/f', `/${'d/'.repeat(40)}ü`]) {
      expect(root.stat(name)).toEqual({ type: 'file', mode: 0o4751, uid: large, gid: 7, mtime, size: 5 });
      expect(root.readText(name)).toBe('hello');
    }
    expect(root.stat('/d/d')).toEqual({ type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 });
    expect(tree.ownersRecorded).toBe(false);
    close();
  });
});

describeWith([{ program: 'gzip', package: 'gzip' }], 'a compressed file', () => {
  const packed = (name: string, content: Uint8Array): string => {
    writeFileSync(join(work, name), content);
    writeFileSync(
      join(work, `${name}.gz`),
      execFileSync('gzip', ['-1', '-c', join(work, name)], { maxBuffer: 1 << 28 }),
    );
    return join(work, `${name}.gz`);
  };

  test('without a tar inside is left alone after its first blocks', async () => {
    const path = packed('noise', noise(3_000_000));
    expect(await openTar(path)).toBeUndefined();
    const device = new FileDevice(path);
    expect(await unpackTar(device, 'gzip')).toBeUndefined();
    expect(device.usage.bytesRead).toBeLessThanOrEqual(1 << 20);
    expect(await openTar(packed('short', Buffer.from('hello')))).toBeUndefined();
    expect(await openTar(packed('empty', Buffer.alloc(0)))).toBeUndefined();
  });

  test('that is damaged or cut short is an error, as is one that grows beyond the limit', async () => {
    mkdirSync(join(work, 'zeros'));
    writeFileSync(join(work, 'zeros', 'file'), noise(3_000_000));
    run('tar', '-C', join(work, 'zeros'), '-cf', join(work, 'zeros.tar'), '.');
    const path = packed('zeros-tar', readFileSync(join(work, 'zeros.tar')));
    await expect(unpackTar(new FileDevice(path), 'gzip', { limit: 2_000_000 })).rejects.toThrow(
      /limit bytesPerUnpackedTar/,
    );
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(0, bytes.length - 8);
    writeFileSync(path, bytes);
    await expect(openTar(path)).rejects.toThrow(/gzip data cannot be unpacked: the gzip data is damaged/);
    truncateSync(path, 1_500_000);
    await expect(openTar(path)).rejects.toThrow(/gzip data cannot be unpacked/);
  });

  test('that finds no room to be unpacked to is an error with advice', async () => {
    const path = packed('roomless', archive(member('etc/passwd')));
    const folder = join(work, 'absent');
    await expect(unpackTar(new FileDevice(path), 'gzip', { folder })).rejects.toMatchObject({
      kind: 'io',
      message: `compressed tar archive cannot be unpacked to ${folder}: ENOENT`,
      advice: expect.stringContaining('TMPDIR'),
    });
  });
});
