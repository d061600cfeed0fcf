import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fixFor } from '../../src/engine/fix.ts';
import {
  addInitramfsDrivers,
  addKernelArguments,
  enableUnit,
  installPackages,
  removeKernelArguments,
} from '../../src/engine/fix-commands.ts';
import type { Family } from '../../src/engine/model.ts';

/** What the lines for a family, run by bash over copies of two files, make of them. The programs of GRUB do nothing. */
function afterRunning(lines: readonly string[], path: string, text: string): string {
  const root = mkdtempSync(join(tmpdir(), 'fix-'));
  try {
    const place = join(root, path);
    mkdirSync(join(place, '..'), { recursive: true });
    mkdirSync(join(root, 'etc/default/grub.d'), { recursive: true });
    writeFileSync(place, text);
    const stubs = 'update-grub() { :; }; grub2-mkconfig() { :; }; grub-mkconfig() { :; }\n';
    const moved = lines.map((line) => line.replace(/(?<= )\/(?=etc|usr)/g, `${root}/`));
    const { stderr } = spawnSync('bash', ['-e'], { input: stubs + moved.join('\n'), encoding: 'utf8' });
    if (stderr !== '') throw new Error(stderr);
    return readFileSync(place, 'utf8');
  } finally {
    rmSync(root, { recursive: true });
  }
}

const linesFor = (fix: ReturnType<typeof addKernelArguments>, family: Family) => fixFor(fix, family) ?? [];

describe('addKernelArguments', () => {
  test.each<[Family, string, string, string]>([
    ['suse', '/etc/default/grub', 'A=1\nGRUB_CMDLINE_LINUX="quiet"\n', 'A=1\nGRUB_CMDLINE_LINUX="a=1,2 b quiet"\n'],
    ['other', '/etc/default/grub', 'GRUB_CMDLINE_LINUX=""\n', 'GRUB_CMDLINE_LINUX="a=1,2 b "\n'],
    ['ubuntu', '/etc/default/grub.d/90-azure.cfg', 'X=1\n', 'X=1\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX a=1,2 b"\n'],
    ['flatcar', '/usr/share/oem/grub.cfg', '', 'set linux_append="$linux_append a=1,2 b"\n'],
  ])('%s', (family, path, before, after) => {
    expect(afterRunning(linesFor(addKernelArguments('a=1,2 b'), family), path, before)).toBe(after);
  });

  test('Red Hat has a program for it', () => {
    expect(linesFor(addKernelArguments('a=1,2 b'), 'oracle')).toEqual(["grubby --update-kernel=ALL --args='a=1,2 b'"]);
  });
});

describe('removeKernelArguments', () => {
  test.each<[Family, string, string, string]>([
    ['suse', 'etc/default/grub', 'GRUB_CMDLINE_LINUX="rhgb quiet x.y=1"\n', 'GRUB_CMDLINE_LINUX="  "\n'],
    ['suse', 'etc/default/grub', 'GRUB_CMDLINE_LINUX="a quiet=2 b"\n', 'GRUB_CMDLINE_LINUX="a  b"\n'],
    ['suse', 'etc/default/grub', 'GRUB_CMDLINE_LINUX_DEFAULT="a quieter x.y=12 xzy=1"\n', ''],
    ['suse', 'etc/default/grub', '# rhgb quiet \nX=" quiet "\n', ''],
    [
      'flatcar',
      'usr/share/oem/grub.cfg',
      'set linux_append="$linux_append quiet a"\n',
      'set linux_append="$linux_append  a"\n',
    ],
  ])('%s %s %j', (family, path, before, after) => {
    const lines = linesFor(removeKernelArguments('rhgb quiet x.y=1'), family);
    expect(afterRunning(lines, path, before)).toBe(after || before);
  });
});

test('packages have the names and the manager of the family', () => {
  const fix = installPackages({ rhel: 'a', oracle: 'b', debian: 'c', suse: 'd' });
  expect(
    (['rhel', 'fedora', 'oracle', 'ubuntu', 'suse', 'arch'] as const).map((family) => fixFor(fix, family)),
  ).toEqual([
    ['yum -y install a'],
    ['yum -y install a'],
    ['yum -y install b'],
    ['apt-get -y install c'],
    ['zypper -n install d'],
    undefined,
  ]);
  expect(fixFor(installPackages('e'), 'azurelinux')).toEqual(['tdnf -y install e']);
});

test('units and drivers', () => {
  const unit = enableUnit('sshd.service', { debian: 'ssh.service' });
  expect(fixFor(unit, 'ubuntu')).toEqual(['systemctl --root=/ enable ssh.service']);
  expect(fixFor(unit, 'arch')).toEqual(['systemctl --root=/ enable sshd.service']);
  const drivers = addInitramfsDrivers('hv_vmbus hv_storvsc', 'azure');
  expect(afterRunning(fixFor(drivers, 'debian') ?? [], '/etc/initramfs-tools/modules', 'x\n')).toBe(
    'x\nhv_vmbus\nhv_storvsc\n',
  );
  expect(afterRunning(fixFor(drivers, 'rhel') ?? [], '/etc/dracut.conf.d/azure.conf', '')).toBe(
    'add_drivers+=" hv_vmbus hv_storvsc "\n',
  );
});
