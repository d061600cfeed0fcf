import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { makeBtrfs, mountedBtrfs, mountedManifest, whileMounted, withBtrfs } from './btrfs-image.ts';
import { manifestOf } from './manifest.ts';
import { describeWith, run, workFolder } from './tools.ts';

/** The kernel shows the present as the time of the empty directory in the place of a subvolume. */
function withoutTimeOfStub(manifest: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(manifest).map(([path, fields]) => [
      path,
      /(^|\/2)\/nested$/.test(path) ? fields.replace(/ \d+$/, '') : fields,
    ]),
  );
}

function subvolumesOf({ subvolumes }: FileSystem) {
  if (!subvolumes) throw new Error('a btrfs has subvolumes');
  return subvolumes;
}

describeWith(mountedBtrfs, 'a btrfs with subvolumes', () => {
  const folder = workFolder();
  const at = (name: string) => join(folder, name);

  /** As openSUSE's images have it: the root is a snapshot, and what must not be rolled back lies beside it. */
  function buildSuseLayout(point: string): void {
    const create = (name: string) => run('btrfs', 'subvolume', 'create', join(point, name));
    for (const name of ['@', '@/var', '@/.snapshots']) create(name);
    mkdirSync(join(point, '@/.snapshots/1'));
    create('@/.snapshots/1/snapshot');
    const root = join(point, '@/.snapshots/1/snapshot');
    for (const name of ['etc', 'var', '.snapshots']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'etc/os-release'), 'ID=opensuse\n');
    writeFileSync(join(point, '@/var/log'), 'l'.repeat(9000));
    run('btrfs', 'subvolume', 'create', join(root, 'nested'));
    writeFileSync(join(root, 'nested/file'), 'in the nested one');
    run('btrfs', 'subvolume', 'snapshot', '-r', root, join(point, '@/.snapshots/2'));
    create('deleted');
    writeFileSync(join(point, 'deleted/file'), 'gone');
    run('btrfs', 'subvolume', 'delete', '-c', join(point, 'deleted'));
    create('before');
    mkdirSync(join(point, 'a/b'), { recursive: true });
    renameSync(join(point, 'before'), join(point, 'a/b/after'));
    run('btrfs', 'subvolume', 'set-default', root);
  }

  test('shows what the kernel shows: from the top, from the default subvolume and from each other one', () => {
    const image = makeBtrfs(at('suse.img'));
    whileMounted([image], 'compress=zstd', buildSuseLayout);
    const byId = new Map<number, Record<string, string>>();
    const listed: { id: number; path: string }[] = whileMounted([image], 'subvolid=5', (point) => {
      byId.set(5, mountedManifest(point));
      return run('btrfs', 'subvolume', 'list', point)
        .trim()
        .split('\n')
        .map((line) => /^ID (\d+) .* path (.*)$/.exec(line))
        .map((match) => ({ id: Number(match?.[1]), path: match?.[2] ?? '' }));
    });
    const atDefault = whileMounted([image], '', mountedManifest);
    for (const { id } of listed) byId.set(id, whileMounted([image], `subvolid=${id}`, mountedManifest));

    withBtrfs(image, (fileSystem) => {
      const subvolumes = subvolumesOf(fileSystem);
      expect(subvolumes.list()).toEqual([{ id: 5, path: '' }, ...listed]);
      expect(listed.map(({ path }) => path).sort()).toEqual([
        '@',
        '@/.snapshots',
        '@/.snapshots/1/snapshot',
        '@/.snapshots/1/snapshot/nested',
        '@/.snapshots/2',
        '@/var',
        'a/b/after',
      ]);
      expect(subvolumes.defaultId).toBe(listed.find(({ path }) => path === '@/.snapshots/1/snapshot')?.id);
      expect(manifestOf(fileSystem.tree)).toEqual(atDefault);
      for (const [id, manifest] of byId)
        expect(withoutTimeOfStub(manifestOf(subvolumes.tree(id)))).toEqual(withoutTimeOfStub(manifest));
      expect(Object.keys(byId.get(5) ?? {})).toContain('/@/.snapshots/1/snapshot/nested/file');
      expect(Object.keys(byId.get(5) ?? {})).toContain('/@/.snapshots/2/nested');
      expect(Object.keys(byId.get(5) ?? {})).not.toContain('/@/.snapshots/2/nested/file');
      expect(() => subvolumes.tree(9999)).toThrow('btrfs subvolume 9999 does not exist');
      expect(fileSystem.features).toContain('default_subvol');
      expect(fileSystem.state).toEqual({ kind: 'clean' });
    });
  });
});
