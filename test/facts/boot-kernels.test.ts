import { describe, expect, test } from '@jest/globals';
import { bootKernels } from '../../src/facts/boot-kernels.ts';
import { kernelModules } from '../../src/facts/kernel-modules.ts';
import { kernelVersions } from '../../src/facts/kernel-versions.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { readBaseTree } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';

const release = '6.1.0-37-cloud-amd64';
const tree: Tree = {
  [`/boot/vmlinuz-${release}`]: 'kernel',
  [`/boot/initrd.img-${release}`]: 'archive',
  [`/usr/lib/modules/${release}/modules.dep`]: '',
};

function menu(...lines: readonly string[]): string {
  return `menuentry 'A' {\n${lines.join('\n')}\n}\n`;
}

/** What a scan finds of the kernels that boot by default. */
async function kernelsOf(files: Tree): Promise<unknown[]> {
  const { kernels, chosenBy } = await imageFrom(files).get(bootKernels);
  return [
    chosenBy,
    ...kernels.map((kernel) => [kernel.release, kernel.image, kernel.initramfs.map(({ path }) => path)]),
  ];
}

describe('the kernels that boot', () => {
  test.each([
    ['/boot in the root file system', `linux /boot/vmlinuz-${release} ro`, `initrd /boot/initrd.img-${release}`],
    ['/boot on a partition of its own', `linux /vmlinuz-${release} ro`, `initrd /initrd.img-${release}`],
    ['a device in front', `linux ($root)/vmlinuz-${release} ro`, `initrd ($root)/initrd.img-${release}`],
    ['a subvolume of btrfs in front', `linux /@/boot/vmlinuz-${release} ro`, `initrd /@/boot/initrd.img-${release}`],
  ])('%s', async (_name, linux, initrd) => {
    const found = await kernelsOf({ ...tree, '/boot/grub/grub.cfg': menu(linux, initrd) });
    expect(found).toEqual(['boot-menu', [release, `/boot/vmlinuz-${release}`, [`/boot/initrd.img-${release}`]]]);
  });

  test('without a menu the link names the kernel, else the newest one counts', async () => {
    const older = { '/boot/vmlinuz-5.10.0-1-amd64': 'kernel', '/boot/initrd.img-5.10.0-1-amd64': 'archive' };
    expect(await kernelsOf({ ...tree, ...older })).toEqual([
      'newest',
      [release, `/boot/vmlinuz-${release}`, [`/boot/initrd.img-${release}`]],
    ]);
    const linked = {
      ...tree,
      ...older,
      '/vmlinuz': { link: 'boot/vmlinuz-5.10.0-1-amd64' },
      '/initrd.img': { link: 'boot/initrd.img-5.10.0-1-amd64' },
    } as const;
    expect(await kernelsOf(linked)).toEqual([
      'kernel-link',
      ['5.10.0-1-amd64', '/boot/vmlinuz-5.10.0-1-amd64', ['/boot/initrd.img-5.10.0-1-amd64']],
    ]);
  });

  test('without a menu a link to the initramfs counts beside one to the kernel, and only there', async () => {
    const other = { '/boot/initrd': 'other archive' };
    expect(await kernelsOf({ ...tree, ...other })).toEqual([
      'newest',
      [release, `/boot/vmlinuz-${release}`, [`/boot/initrd.img-${release}`]],
    ]);
    expect(await kernelsOf({ ...tree, ...other, '/vmlinuz': { link: `boot/vmlinuz-${release}` } })).toEqual([
      'kernel-link',
      [release, `/boot/vmlinuz-${release}`, ['/boot/initrd']],
    ]);
    expect(await kernelsOf({ ...tree, '/vmlinuz': { link: `boot/vmlinuz-${release}` } })).toEqual([
      'kernel-link',
      [release, `/boot/vmlinuz-${release}`, [`/boot/initrd.img-${release}`]],
    ]);
  });

  test('without a kernel the newest modules tell the release', async () => {
    const { kernels } = await imageFrom({ [`/usr/lib/modules/${release}/modules.dep`]: '' }).get(bootKernels);
    const modules = `/usr/lib/modules/${release}`;
    expect(kernels).toStrictEqual([
      { release, modules, hasModuleIndex: true, initramfs: [], entries: [], evidence: { path: modules } },
    ]);
  });

  test('a kernel without a release has the only module tree', async () => {
    const nameless = { '/boot/grub/grub.cfg': menu('linux /boot/Image'), '/boot/Image': 'kernel' };
    const modules = (version: string): Tree => ({ [`/usr/lib/modules/${version}/modules.dep`]: '' });
    expect(await kernelsOf({ ...nameless, ...modules('6.6.1') })).toEqual(['boot-menu', ['6.6.1', '/boot/Image', []]]);
    expect(await kernelsOf({ ...nameless, ...modules('6.6.1'), ...modules('6.6.2') })).toEqual([
      'boot-menu',
      [undefined, '/boot/Image', []],
    ]);
    const kernelOnly = { '/boot/vmlinuz-5.10.0-1-amd64': 'kernel' };
    expect(await kernelsOf({ ...nameless, ...modules('6.6.1'), ...kernelOnly })).toEqual([
      'boot-menu',
      ['6.6.1', '/boot/Image', []],
    ]);
    const missing = { '/boot/grub/grub.cfg': menu('linux /boot/Image') };
    expect(await kernelsOf({ ...missing, ...modules('6.6.1') })).toEqual(['boot-menu', [undefined, undefined, []]]);
  });

  test('only an attempt that restarts the machine is followed by one with an initramfs', async () => {
    const once = menu(`linux /boot/vmlinuz-${release} ro`);
    const first = menu(`linux /boot/vmlinuz-${release} ro panic=-1`);
    const none = ['boot-menu', [release, `/boot/vmlinuz-${release}`, []]];
    const second = ['boot-menu', [release, `/boot/vmlinuz-${release}`, [`/boot/initrd.img-${release}`]]];
    expect(await kernelsOf({ ...tree, '/boot/grub/grub.cfg': once })).toEqual(none);
    expect(await kernelsOf({ ...tree, '/boot/grub/grub.cfg': first })).toEqual(second);
    // Two menus, of which one gives up.
    expect(await kernelsOf({ ...tree, '/boot/grub/grub.cfg': first, '/boot/grub2/grub.cfg': once })).toEqual(none);
  });

  test('entries that are not the default do not count', async () => {
    const files = {
      ...tree,
      '/boot/vmlinuz-5.10.0-1-amd64': 'kernel',
      '/boot/grub/grub.cfg': `${menu(`linux /boot/vmlinuz-${release}`)}${menu('linux /boot/vmlinuz-5.10.0-1-amd64')}`,
    };
    expect(await kernelsOf(files)).toEqual(['boot-menu', [release, `/boot/vmlinuz-${release}`, []]]);
  });

  test('an initramfs that is missing or empty is none', async () => {
    const cfg = menu(`linux /boot/vmlinuz-${release}`, `initrd /boot/gone /boot/empty /boot/initrd.img-${release}`);
    expect(await kernelsOf({ ...tree, '/boot/empty': '', '/boot/grub/grub.cfg': cfg })).toEqual([
      'boot-menu',
      [release, `/boot/vmlinuz-${release}`, [`/boot/initrd.img-${release}`]],
    ]);
  });

  test('an attempt without initramfs and the one after it are one kernel', async () => {
    const { kernels } = await imageFrom(readBaseTree('fixtures/roots', 'ubuntu-22.04')).get(bootKernels);
    expect(kernels.map(({ initramfs }) => initramfs.map(({ path }) => path))).toEqual([
      ['/boot/initrd.img-6.8.0-1030-azure'],
    ]);
  });

  test('systemd-boot keeps the release in the folder', async () => {
    const id = '0123456789abcdef0123456789abcdef';
    const files = {
      [`/boot/efi/${id}/${release}/linux`]: 'kernel',
      [`/boot/efi/${id}/${release}/initrd`]: 'archive',
      [`/boot/efi/loader/entries/${id}-${release}.conf`]: `title A\nlinux /${id}/${release}/linux\ninitrd /${id}/${release}/initrd\noptions ro\n`,
    };
    expect(await kernelsOf(files)).toEqual([
      'boot-menu',
      [release, `/boot/efi/${id}/${release}/linux`, [`/boot/efi/${id}/${release}/initrd`]],
    ]);
  });

  test('a unified image says its release and where its initramfs lies', async () => {
    const { kernels } = await imageFrom({ '/boot/efi/EFI/Linux/linux.efi': { base64: unified } }).get(bootKernels);
    expect(kernels).toMatchObject([
      { release: '6.6.1-1.azl3', initramfs: [{ path: '/boot/efi/EFI/Linux/linux.efi', offset: 0x240, size: 5 }] },
    ]);
  });

  test('the version string of the image tells a release that no name does', async () => {
    const found = await kernelsOf({
      '/boot/grub/grub.cfg': menu('linux /boot/bzImage'),
      '/boot/bzImage': { base64: bzImage },
    });
    expect(found).toEqual(['boot-menu', ['5.10.7-custom', '/boot/bzImage', []]]);
  });

  test('a boot partition that is not there is not an absent kernel', async () => {
    await expect(kernelsOf({ '/boot/grub/grub.cfg': { unreadable: 'permission denied' } })).rejects.toThrow(
      'permission denied',
    );
  });
});

describe('drivers', () => {
  const folder = `/usr/lib/modules/${release}`;
  const files: Tree = {
    ...tree,
    [`${folder}/modules.dep`]:
      'kernel/a-b.ko: kernel/c.ko\nkernel/c.ko:\nkernel/gone.ko:\nkernel/needy.ko: kernel/gone.ko\n',
    [`${folder}/modules.builtin`]: 'kernel/inside.ko\n',
    [`${folder}/kernel/a-b.ko`]: '',
    [`${folder}/kernel/c.ko`]: '',
    [`${folder}/kernel/needy.ko`]: '',
    [`/boot/config-${release}`]: 'CONFIG_CODE=y\n# CONFIG_NO=m is not set\nCONFIG_GHOST=m\n',
  };

  test.each([
    ['a_b', undefined, 'module', undefined],
    ['a-b', undefined, 'module', undefined],
    ['inside', undefined, 'builtin', undefined],
    ['code', 'CODE', 'builtin', undefined],
    ['ghost', 'GHOST', 'absent', `kernel ${release} has no ghost`],
    ['nothing', undefined, 'absent', `kernel ${release} has no nothing`],
    ['gone', undefined, 'absent', `gone of kernel ${release} cannot load, because ${folder}/kernel/gone.ko is missing`],
    [
      'needy',
      undefined,
      'absent',
      `needy of kernel ${release} cannot load, because ${folder}/kernel/gone.ko is missing`,
    ],
  ])('%s with option %s is %s', async (name, option, state, lack) => {
    const { kernels } = await imageFrom(files).get(kernelModules);
    const driver = kernels[0]?.driver(name, option);
    expect([driver?.state, driver?.lack]).toEqual([state, lack]);
  });

  test('a gap says who judges it', async () => {
    const gapOf = async (given: Tree) => (await imageFrom(given).get(kernelModules)).gap;
    expect(await gapOf({})).toMatchObject({
      outcome: 'not-applicable',
      reason: expect.stringContaining('boot/kernel-files'),
    });
    expect(await gapOf({ '/boot/vmlinuz': 'x' })).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringContaining('/boot/vmlinuz'),
    });
    expect(await gapOf({ '/boot/vmlinuz-6.1.0': 'x' })).toMatchObject({
      outcome: 'not-applicable',
      reason: expect.stringContaining('kernel/module-tree'),
    });
  });
});

test('versions compare by base and build', async () => {
  const [version] = await imageFrom({ '/boot/vmlinuz-3.10.0-957.21.2.el7.x86_64': 'x' }).get(kernelVersions);
  expect([
    version?.isAtLeast('3.8'),
    version?.isAtLeast('3.10.1'),
    version?.isBuildAtLeast('693'),
    version?.hasSackFixes,
  ]).toEqual([true, false, true, false]);
});

/** A kernel image with the version string at 0x280. */
const bzImage = base64Of(0x300, (view, write) => {
  view.setUint32(0x202, 0x53726448, true);
  view.setUint16(0x206, 0x20f, true);
  view.setUint16(0x20e, 0x80, true);
  write(0x280, '5.10.7-custom (builder@host) #1 SMP');
});

/** A PE file with the sections .linux, .uname and .initrd. */
const unified = base64Of(0x280, (view, write) => {
  write(0, 'MZ');
  view.setUint32(0x3c, 0x40, true);
  write(0x40, 'PE');
  view.setUint16(0x46, 3, true);
  const sections = [
    ['.linux', 4, 0x200],
    ['.uname', 12, 0x220],
    ['.initrd', 5, 0x240],
  ] as const;
  for (const [index, [name, size, offset]] of sections.entries()) {
    const at = 0x58 + index * 40;
    write(at, name);
    view.setUint32(at + 8, size, true);
    view.setUint32(at + 16, 0x200, true);
    view.setUint32(at + 20, offset, true);
  }
  write(0x220, '6.6.1-1.azl3');
});

function base64Of(length: number, fill: (view: DataView, write: (at: number, text: string) => void) => void): string {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer), (at, text) => bytes.set(new TextEncoder().encode(text), at));
  return Buffer.from(bytes).toString('base64');
}
