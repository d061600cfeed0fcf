import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openInitramfs } from '../../src/facts/initramfs/open.ts';
import type { CpioMember } from '../../src/formats/cpio.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { testHost } from '../../src/testing/image.ts';
import { describeOracle, oraclePath, runProgram } from './oracle.ts';

const folder = mkdtempSync(join(tmpdir(), 'initramfs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Packs a small tree with the real cpio; `seed` makes sizes and names of every remainder by four. */
function archive(seed: number): Buffer {
  const root = join(folder, `tree-${seed}`);
  const modules = join(root, 'usr/lib/modules/6.1.0/kernel');
  mkdirSync(modules, { recursive: true });
  mkdirSync(join(root, 'etc/modprobe.d'), { recursive: true });
  symlinkSync('usr/lib', join(root, 'lib'));
  writeFileSync(join(root, 'etc/modprobe.d/a.conf'), `blacklist m${seed}\n`);
  for (let index = 0; index < 12; index++)
    writeFileSync(
      join(modules, `m${'x'.repeat((seed + index) % 7)}${index}.ko.zst`),
      Buffer.alloc((seed * 31 + index * 53) % 997, index),
    );
  const names = ['.', ...readdirSync(root, { recursive: true, encoding: 'utf8' })].join('\n');
  const format = seed % 2 === 0 ? 'newc' : 'crc';
  const list = join(folder, 'list');
  writeFileSync(list, names);
  const out = join(folder, 'out');
  const { status, stderr } = runProgram('usr/bin/cpio', ['-o', '-H', format, '--quiet', '-D', root, '-F', out], {
    input: names,
  });
  if (status !== 0) throw new Error(stderr);
  return readFileSync(out);
}

function pack(program: readonly string[], input: Buffer): Buffer | undefined {
  const [name = '', ...args] = program;
  const { stdout, error, status } = spawnSync(name, args, { input, maxBuffer: 1 << 28 });
  return error || status !== 0 ? undefined : stdout;
}

async function open(file: string): Promise<CpioMember[]> {
  const rootFs = new TreeRootFs(new DirectoryTree(folder));
  return openInitramfs(rootFs, testHost, { path: `/${file}`, offset: 0, size: rootFs.stat(`/${file}`)?.size ?? 0 });
}

/** Paths that cpio itself lists, in the form that we use. */
function listed(bytes: Buffer): string[] {
  const { stdout } = runProgram('usr/bin/cpio', ['-t', '--quiet'], { input: bytes });
  return stdout
    .split('\n')
    .filter((path) => path !== '')
    .map((path) => path.replace(/^\.\//, ''));
}

const compressors: Readonly<Record<string, readonly string[]>> = {
  none: ['cat'],
  gzip: ['gzip', '-c'],
  bzip2: ['bzip2', '-c'],
  xz: ['xz', '--check=crc32', '-c'],
  lz4: ['lz4', '-l', '-c'],
  zstd: ['zstd', '-q', '-c', '-19'],
};

describeOracle('initramfs archives', 'cpio', ['usr/bin/cpio'], () => {
  const archives = Array.from({ length: 5 }, (_, seed) => archive(seed));
  const early = archives[0] ?? Buffer.alloc(0);
  const padded = Buffer.concat([early, Buffer.alloc(1024 - (early.length % 512))]);

  test.each(Object.entries(compressors))(
    'cpio and we list the same members, compressed with %s',
    async (name, program) => {
      for (const [seed, plain] of archives.entries()) {
        const packed = pack(program, plain);
        if (packed === undefined) {
          process.stderr.write(`skipped: initramfs with ${name}: ${program[0]} is not on this machine\n`);
          return;
        }
        const file = `${name}-${seed}`;
        // As a distribution does it: microcode first, as it is, then the rest.
        writeFileSync(join(folder, file), seed % 3 === 0 ? packed : Buffer.concat([padded, packed]));
        const members = await open(file);
        const expected = seed % 3 === 0 ? listed(plain) : [...listed(early), ...listed(plain)];
        expect(members.map(({ path }) => path)).toEqual(expected);
        expect(expected.length).toBeGreaterThan(15);
        const last = members.findLast(({ path }) => path === 'etc/modprobe.d/a.conf');
        expect(new TextDecoder().decode(last?.content)).toBe(`blacklist m${seed}\n`);
        expect(members.find(({ path }) => path === 'lib')?.target).toBe('usr/lib');
      }
    },
  );

  test('two compressed segments in a row, of different kinds', async () => {
    const [first, second] = [pack(['gzip', '-c'], archives[1] ?? early), pack(['xz', '-c'], archives[2] ?? early)];
    if (!first || !second) return;
    writeFileSync(join(folder, 'two'), Buffer.concat([padded, first, Buffer.alloc(17), second]));
    expect((await open('two')).map(({ path }) => path)).toEqual(archives.slice(0, 3).flatMap(listed));
  });
});

describeOracle('the initramfs of a real system', 'lsinitramfs', ['usr/bin/lsinitramfs', 'usr/bin/cpio', 'boot'], () => {
  const names = readdirSync(oraclePath('boot')).filter((name) => name.startsWith('initrd.img-'));

  test('lsinitramfs and we list the same members', async () => {
    const shims = join(folder, 'bin');
    mkdirSync(shims);
    const loader = oraclePath('lib64/ld-linux-x86-64.so.2');
    const libraries = oraclePath('usr/lib/x86_64-linux-gnu');
    writeFileSync(
      join(shims, 'cpio'),
      `#!/bin/sh\nexec '${loader}' --library-path '${libraries}' '${oraclePath('usr/bin/cpio')}' "$@"\n`,
      { mode: 0o755 },
    );
    symlinkSync(oraclePath('usr/bin/unmkinitramfs'), join(shims, 'unmkinitramfs'));
    const rootFs = new TreeRootFs(new DirectoryTree(oraclePath('boot')));
    for (const name of names) {
      const { stdout, stderr } = spawnSync('sh', [oraclePath('usr/bin/lsinitramfs'), oraclePath(`boot/${name}`)], {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${shims}:${process.env['PATH']}` },
      });
      expect(stderr).toBe('');
      const size = rootFs.stat(`/${name}`)?.size ?? 0;
      const members = await openInitramfs(rootFs, testHost, { path: `/${name}`, offset: 0, size });
      expect(members.map(({ path }) => path)).toEqual(stdout.split('\n').filter((path) => path !== ''));
      expect(members.length).toBeGreaterThan(100);
    }
  });
});
