import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { kernelCommandLine } from '../../src/facts/kernel-command-line.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'formats', 'grub', `${name}.cfg`), 'utf8');
const grubenv = (...lines: string[]) => `# GRUB Environment Block\n${lines.join('\n')}\n${'#'.repeat(64)}`;

/** Entries in order, the default ones marked. */
async function entries(tree: Tree): Promise<string[]> {
  const { entries: found } = await imageFrom(tree).get(kernelCommandLine);
  return found.map(({ title, parameters, isDefault }) =>
    [isDefault ? '*' : '-', title, '|', ...parameters.map(({ text }) => text)].join(' '),
  );
}

describe('the boot entries', () => {
  it('of Debian', async () => {
    expect(await entries({ '/boot/grub/grub.cfg': fixture('debian-12') })).toEqual([
      '* Debian GNU/Linux | root=UUID=0b9f3b5c ro console=tty0 console=ttyS0,115200 earlyprintk=ttyS0,115200 consoleblank=0',
      '- Debian GNU/Linux, with Linux 6.1.0-40-cloud-amd64 | root=UUID=0b9f3b5c ro console=ttyS0,115200',
      '- Debian GNU/Linux, with Linux 6.1.0-40-cloud-amd64 (recovery mode) | root=UUID=0b9f3b5c ro single',
    ]);
  });

  it('of Debian with a saved entry in a submenu', async () => {
    const next = 'next_entry=gnulinux-advanced-0b9f3b5c>gnulinux-6.1.0-40-cloud-amd64-recovery-0b9f3b5c';
    const found = await entries({ '/boot/grub/grub.cfg': fixture('debian-12'), '/boot/grub/grubenv': grubenv(next) });
    expect(found.filter((line) => line.startsWith('*'))).toEqual([
      '* Debian GNU/Linux, with Linux 6.1.0-40-cloud-amd64 (recovery mode) | root=UUID=0b9f3b5c ro single',
    ]);
  });

  it('of an Ubuntu cloud image, whose default has two ways to boot', async () => {
    expect(await entries({ '/boot/grub/grub.cfg': fixture('ubuntu-cloud') })).toEqual([
      '* Ubuntu | root=PARTUUID=abcd-01 ro console=tty1 console=ttyS0 earlyprintk=ttyS0',
      '* Ubuntu | root=PARTUUID=abcd-01 ro console=tty1 console=ttyS0 earlyprintk=ttyS0 panic=-1',
    ]);
  });

  const rhel: Tree = {
    '/boot/grub2/grub.cfg': fixture('rhel-9'),
    '/boot/efi/EFI/redhat/grub.cfg':
      'search --fs-uuid --set=dev x\nset prefix=($dev)/grub2\nexport $prefix\nconfigfile $prefix/grub.cfg\n',
    '/boot/loader/entries/abc-5.14.0-427.el9.x86_64.conf':
      'title Red Hat (5.14.0-427)\nversion 5.14.0-427.el9.x86_64\nlinux /vmlinuz-5.14.0-427.el9.x86_64\ninitrd /initramfs-5.14.0-427.el9.x86_64.img $tuned_initrd\noptions root=/dev/mapper/rootvg-rootlv ro $tuned_params\n',
    '/boot/loader/entries/abc-5.14.0-70.el9.x86_64.conf':
      'title Red Hat (5.14.0-70)\nlinux /vmlinuz-5.14.0-70.el9.x86_64\noptions $kernelopts\n',
  };

  it('of RHEL: newest first, variables from grubenv or the fallback of grub.cfg', async () => {
    expect(await entries({ ...rhel, '/boot/grub2/grubenv': grubenv('saved_entry=abc-5.14.0-70.el9.x86_64') })).toEqual([
      '- Red Hat (5.14.0-427) | root=/dev/mapper/rootvg-rootlv ro',
      '* Red Hat (5.14.0-70) | root=/dev/mapper/rootvg-rootlv ro console=tty1 console=ttyS0 earlyprintk=ttyS0 rootdelay=300',
    ]);
    expect(await entries({ ...rhel, '/boot/grub2/grubenv': grubenv('kernelopts=root=/dev/sda2 ro') })).toEqual([
      '* Red Hat (5.14.0-427) | root=/dev/mapper/rootvg-rootlv ro',
      '- Red Hat (5.14.0-70) | root=/dev/sda2 ro',
    ]);
  });

  it('keep kernel, initramfs and the line', async () => {
    const { defaults } = await imageFrom(rhel).get(kernelCommandLine);
    expect(defaults).toEqual([
      expect.objectContaining({
        kernel: '/vmlinuz-5.14.0-427.el9.x86_64',
        initrds: ['/initramfs-5.14.0-427.el9.x86_64.img'],
        evidence: {
          path: '/boot/loader/entries/abc-5.14.0-427.el9.x86_64.conf',
          line: 5,
          text: 'options root=/dev/mapper/rootvg-rootlv ro $tuned_params',
        },
      }),
    ]);
  });

  it('of Azure Linux, whose menu loads variables from files', async () => {
    const menu = [
      'set bootprefix=/boot',
      'load_env -f $bootprefix/mariner.cfg',
      'if [ -f $bootprefix/systemd.cfg ]; then',
      '  load_env -f $bootprefix/systemd.cfg',
      'fi',
      'menuentry "CBL-Mariner" {',
      '  linux $bootprefix/$mariner_linux root=PARTUUID=1 $mariner_cmdline $kernelopts console=ttyS0 $systemd_cmdline',
      '  if [ -f $bootprefix/$mariner_initrd ]; then initrd $bootprefix/$mariner_initrd; fi',
      '}',
    ];
    const image = imageFrom({
      '/boot/grub2/grub.cfg': menu.join('\n'),
      '/boot/mariner.cfg': grubenv(
        'mariner_linux=vmlinuz-5.15',
        'mariner_initrd=initrd-5.15',
        'mariner_cmdline=ro quiet',
      ),
      '/boot/initrd-5.15': 'x',
    });
    expect((await image.get(kernelCommandLine)).entries).toEqual([
      expect.objectContaining({ kernel: '/boot/vmlinuz-5.15', initrds: ['/boot/initrd-5.15'], isDefault: true }),
    ]);
  });

  const two = (partition: string) => ({
    [`${partition}/loader/entries/a.conf`]: 'title A\nlinux /k\noptions $a\n',
    [`${partition}/loader/entries/b.conf`]: 'title B\nlinux /k\noptions ro\n',
  });
  const [older, newer] = [
    ['- B | ro', '* A | $a'],
    ['* B | ro', '- A | $a'],
  ];

  test.each([
    ['# x\ntimeout 3\ndefault a*\n', older],
    [' \tdefault \t a.conf\n', older],
    ['default a\n', older],
    ['default b*\n', newer],
    ['default gone*\n', newer],
    ['default @saved\n', newer],
    ['#default a*\nnodefault a*\ndefaults a*\n', newer],
    ['', newer],
  ])('of systemd-boot with %j', async (loaderConf, expected) => {
    expect(await entries({ '/efi/loader/loader.conf': loaderConf, ...two('/efi') })).toEqual(expected);
  });

  it('of systemd-boot on any partition, and the newest without loader.conf', async () => {
    expect(await entries({ '/boot/loader/loader.conf': 'default a\n', ...two('/boot') })).toEqual(older);
    expect(await entries(two('/boot/efi'))).toEqual(newer);
  });

  it('of the files that have a kernel and the right name', async () => {
    const image = imageFrom({
      '/efi/loader/entries/a.conf': 'title A\nlinux /k\ninitrd /i \t /j\n',
      '/efi/loader/entries/b.conf.bak': 'title B\nlinux /k\n',
      '/efi/loader/entries/c.conf': 'title C\noptions ro\n',
    });
    expect((await image.get(kernelCommandLine)).entries).toEqual([
      expect.objectContaining({ title: 'A', kernel: '/k', initrds: ['/i', '/j'], isDefault: true }),
    ]);
  });

  it('of GRUB Legacy and extlinux', async () => {
    expect(
      await entries({ '/boot/grub/grub.conf': 'default=1\ntitle A\nkernel /k ro\ntitle B\nkernel /k rw\n' }),
    ).toEqual(['- A | ro', '* B | rw']);
    expect(
      await entries({ '/boot/extlinux/extlinux.conf': 'default b\nlabel a\nlinux /k\nlabel b\nlinux /k\nappend x\n' }),
    ).toEqual(['- a |', '* b | x']);
  });

  it('are none where nothing boots', async () => {
    expect(await imageFrom({ '/etc/hostname': 'x' }).get(kernelCommandLine)).toEqual({
      entries: [],
      defaults: [],
      configured: [],
    });
  });
});

describe('the configured parameters', () => {
  it('come from the lines that bring them in', async () => {
    const { configured } = await imageFrom({
      '/etc/default/grub': '# x\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="a=1 b"\n',
      '/etc/default/grub.d/10_cloud.cfg': 'GRUB_CMDLINE_LINUX="console=ttyS0 $GRUB_CMDLINE_LINUX"\n',
      '/etc/default/grub.d/20_azure.cfg': 'GRUB_CMDLINE_LINUX_DEFAULT=\n',
      '/etc/default/grub.d/30.conf': 'GRUB_CMDLINE_LINUX="no"\n',
      '/etc/kernel/cmdline': 'root=/dev/sda\n',
    }).get(kernelCommandLine);
    expect(configured.map(({ parameter, evidence }) => `${parameter.text} ${evidence.path}:${evidence.line}`)).toEqual([
      'console=ttyS0 /etc/default/grub.d/10_cloud.cfg:1',
      'a=1 /etc/default/grub:3',
      'b /etc/default/grub:3',
      'root=/dev/sda /etc/kernel/cmdline:1',
    ]);
  });
});
