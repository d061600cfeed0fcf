import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import rules from '../rules/index.ts';
import { fixFor } from '../src/engine/fix.ts';
import type { Family } from '../src/engine/model.ts';

/** All but FreeBSD and its kin, which have neither GRUB nor systemd. */
const families: readonly Family[] = [
  ...(['rhel', 'fedora', 'oracle', 'debian', 'ubuntu', 'suse', 'azurelinux', 'flatcar'] as const),
  ...(['alpine', 'arch', 'other'] as const),
];
const redHat: readonly Family[] = ['rhel', 'fedora', 'oracle'];
const debian: readonly Family[] = ['debian', 'ubuntu'];
const rpm: readonly Family[] = [...redHat, 'suse', 'azurelinux'];
const others = (...without: readonly Family[]) => families.filter((family) => !without.includes(family));

/** Tools, units and files of which the name differs, and the families that have them. */
const known: readonly (readonly [RegExp, readonly Family[]])[] = [
  [/\b(?:yum|dnf|subscription-manager)\b/, redHat],
  [/\bzypper\b|\bSUSEConnect\b|\bwicked\b/, ['suse']],
  [/\btdnf\b/, ['azurelinux']],
  [/\b(?:apt-get|apt|dpkg)\b|\/etc\/apt\//, debian],
  [/\brpm\b/, rpm],
  [/\bgrubby\b/, redHat],
  [/\bupdate-grub\b|\/etc\/default\/grub\.d\//, debian],
  [/\bgrub2-(?:mkconfig|editenv)\b|\/boot\/grub2\//, rpm],
  [/\bgrub-mkconfig\b/, others(...rpm, ...debian, 'flatcar')],
  [/\bgrub-install\b/, others(...rpm)],
  [/\bgrub2-install\b/, others(...debian)],
  [/\/etc\/default\/grub\b/, others('flatcar')],
  [/\bdracut\b/, rpm],
  [/\bupdate-initramfs\b|\/etc\/initramfs-tools\//, debian],
  [/\/etc\/sysconfig\/network-scripts\//, redHat],
  [/\/etc\/sysconfig\/network\//, ['suse']],
  [/\/etc\/sysconfig\//, rpm],
  [/\/etc\/network\/interfaces/, debian],
  [/\bnetplan\b/, ['ubuntu']],
  [/\bufw\b/, debian],
  [/\bfirewall-offline-cmd\b/, [...redHat, 'suse']],
  [/(?<!open)\bssh\.service\b/, debian],
  [/\bsshd\.service\b/, others(...debian)],
  [/\bchrony\.service\b|\/etc\/chrony\/chrony\.conf/, debian],
  [/\bchronyd\.service\b|\/etc\/chrony\.conf/, others(...debian)],
  [/\bwalinuxagent(?:\.service)?$/, debian],
  [/\bwaagent\.service\b/, others(...debian)],
  [/\binstall (?:-\S+ )*waagent\b/, ['debian']],
  [/\bWALinuxAgent\b/, [...redHat, 'azurelinux']],
  [/\bpro (?:detach|attach)\b/, ['ubuntu']],
];

/** Without remarks, and without deletions: what is not there is not deleted. */
const commandsOf = (line: string) => line.replace(/(?:^|\s)# .*/, '').replace(/\brm -r?f [^;&|]*/g, '');

const chosen = rules.flatMap(({ id, fix, appliesTo }) =>
  (appliesTo.families ?? families).flatMap((family) =>
    (fixFor(fix, family) ?? []).map((line) => ({ id, family, line })),
  ),
);

describe('the shell lines of rules', () => {
  test('name for each family what it has', () => {
    const foreign = chosen.filter(({ family, line }) =>
      known.some(([name, having]) => name.test(commandsOf(line)) && !having.includes(family)),
    );
    expect(foreign).toEqual([]);
  });

  test('every name of the table is in use', () => {
    const idle = known.filter(([name]) => !chosen.some(({ line }) => name.test(commandsOf(line))));
    expect(idle.map(([name]) => String(name))).toEqual([]);
  });

  test('give the families of most images a command wherever any family gets one', () => {
    const silent = rules.flatMap(({ id, fix, appliesTo }) => {
      const common: readonly Family[] = ['rhel', 'debian', 'ubuntu', 'suse', 'azurelinux'];
      const without = common.filter(
        (family) => appliesTo.families?.includes(family) !== false && fixFor(fix, family) === undefined,
      );
      return fix === undefined || without.length === 0 ? [] : [{ id, without }];
    });
    // Debian's boot makes the directory itself.
    expect(silent).toEqual([{ id: 'ssh/privilege-separation', without: ['debian', 'ubuntu'] }]);
  });

  test('are shell, without dots for what is left out', () => {
    const lines = [...new Set(chosen.map(({ line }) => line))];
    expect(lines.filter((line) => line.includes('…'))).toEqual([]);
    const { status, stderr } = spawnSync('bash', ['-n'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
