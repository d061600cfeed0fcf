import { describe, expect, it, test } from '@jest/globals';
import { unitFiles } from '../../src/facts/unit-files.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const service = '[Service]\nExecStart=/bin/true\n';
const wanted = `${service}[Install]\nWantedBy=multi-user.target\n`;
const unit = (name: string, content = service): Tree => ({ [`/usr/lib/systemd/system/${name}`]: content });
const unitsOf = (tree: Tree) =>
  imageFrom({ '/etc/machine-id': '', '/usr/lib/systemd/systemd': 'x', ...tree }).get(unitFiles);

/** `state`, with marks for a start at boot and for one by preset only. */
async function summary(name: string, tree: Tree): Promise<string> {
  const { state, startsAtBoot, onlyByPreset } = (await unitsOf(tree)).state(name);
  return [state, ...(startsAtBoot ? ['boot'] : []), ...(onlyByPreset ? ['preset'] : [])].join(' ');
}

describe('the state of a unit', () => {
  const link = (at: string, to = '/usr/lib/systemd/system/a.service'): Tree => ({ [at]: { link: to } });

  test.each<[string, string, Tree]>([
    ['nothing', 'absent', {}],
    ['a unit without installation', 'static', unit('a.service')],
    ['a unit that nothing wants', 'disabled', unit('a.service', wanted)],
    [
      'a wants link in /etc',
      'enabled boot',
      { ...unit('a.service', wanted), ...link('/etc/systemd/system/multi-user.target.wants/a.service') },
    ],
    [
      'a requires link',
      'enabled boot',
      { ...unit('a.service', wanted), ...link('/etc/systemd/system/x.target.requires/a.service') },
    ],
    [
      'an upholds link',
      'enabled boot',
      { ...unit('a.service', wanted), ...link('/etc/systemd/system/x.target.upholds/a.service') },
    ],
    [
      'a wants link of the vendor',
      'static boot',
      { ...unit('a.service'), ...link('/usr/lib/systemd/system/multi-user.target.wants/a.service', '../a.service') },
    ],
    [
      'a link whose text leads nowhere',
      'enabled boot',
      {
        ...unit('a.service', wanted),
        ...link('/etc/systemd/system/multi-user.target.wants/a.service', '/elsewhere/a.service'),
      },
    ],
    ['a link without the unit', 'absent', link('/etc/systemd/system/multi-user.target.wants/a.service')],
    [
      'a link of a target that no boot reaches',
      'enabled',
      { ...unit('a.service', wanted), ...link('/etc/systemd/system/halt.target.wants/a.service') },
    ],
    [
      'a link of a service that does not start',
      'enabled',
      { ...unit('a.service', wanted), ...unit('b.service'), ...link('/etc/systemd/system/b.service.wants/a.service') },
    ],
    [
      'a link of a service that starts',
      'enabled boot',
      {
        ...unit('a.service', wanted),
        ...unit('b.service'),
        ...link('/etc/systemd/system/b.service.wants/a.service'),
        ...link('/etc/systemd/system/multi-user.target.wants/b.service', '/x'),
      },
    ],
    [
      'a vendor link that /etc masks',
      'enabled',
      {
        ...unit('a.service'),
        ...link('/usr/lib/systemd/system/x.target.wants/a.service'),
        ...link('/etc/systemd/system/x.target.wants/a.service', '/dev/null'),
      },
    ],
    [
      'a mask',
      'masked',
      {
        ...unit('a.service', wanted),
        ...link('/etc/systemd/system/a.service', '/dev/null'),
        ...link('/etc/systemd/system/multi-user.target.wants/a.service'),
      },
    ],
    [
      'a relative mask',
      'masked',
      { ...unit('a.service'), ...link('/etc/systemd/system/a.service', '../../../dev/null') },
    ],
    ['an empty file', 'masked', { ...unit('a.service'), '/etc/systemd/system/a.service': '' }],
    [
      'an alias',
      'alias boot',
      {
        ...unit('b.service'),
        ...link('/etc/systemd/system/a.service', '/usr/lib/systemd/system/b.service'),
        ...link('/etc/systemd/system/multi-user.target.wants/b.service'),
      },
    ],
    [
      'a unit wanted by its alias',
      'static boot',
      {
        ...unit('a.service'),
        ...link('/usr/lib/systemd/system/b.service', 'a.service'),
        ...link('/etc/systemd/system/multi-user.target.wants/b.service'),
      },
    ],
    [
      'a linked unit',
      'linked',
      { '/opt/a.service': service, ...link('/etc/systemd/system/a.service', '/opt/a.service') },
    ],
    [
      'a link from /etc to the unit itself',
      'bad boot',
      {
        ...unit('a.service', wanted),
        ...link('/etc/systemd/system/a.service'),
        ...link('/etc/systemd/system/multi-user.target.wants/a.service'),
      },
    ],
    ['a unit that cannot be parsed', 'bad', unit('a.service', '[Unit\n')],
    ['a unit in /lib without /usr', 'disabled', { '/lib/systemd/system/a.service': wanted }],
    [
      'an Upholds= drop-in of a target',
      'static boot',
      { ...unit('a.service'), '/usr/lib/systemd/system/multi-user.target.d/10-a.conf': '[Unit]\nUpholds=a.service\n' },
    ],
    [
      'two units that want each other',
      'enabled',
      {
        ...unit('a.service', wanted),
        ...unit('b.service'),
        ...link('/etc/systemd/system/b.service.wants/a.service'),
        ...link('/etc/systemd/system/a.service.wants/b.service', '/x'),
      },
    ],
  ])('%s: %s', async (_, expected, tree) => expect(await summary('a.service', tree)).toBe(expected));

  test.each<[string, string, string, Tree]>([
    [
      'an instance with a link',
      'g@tty1.service',
      'enabled boot',
      { '/etc/systemd/system/getty.target.wants/g@tty1.service': { link: '/usr/lib/systemd/system/g@.service' } },
    ],
    [
      'an instance without a link',
      'g@tty2.service',
      'disabled',
      { '/etc/systemd/system/getty.target.wants/g@tty1.service': { link: '/x' } },
    ],
    [
      'a template of which an instance starts',
      'g@.service',
      'enabled boot',
      { '/etc/systemd/system/getty.target.wants/g@tty1.service': { link: '/x' } },
    ],
  ])('%s: %s is %s', async (_, name, expected, tree) => {
    const template = `${service}[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n`;
    expect(await summary(name, { ...unit('g@.service', template), ...tree })).toBe(expected);
  });

  it('says which link decides', async () => {
    const units = await unitsOf({
      '/lib': { link: 'usr/lib' },
      ...unit('a.service', wanted),
      '/etc/systemd/system/multi-user.target.wants/a.service': { link: '/lib/systemd/system/a.service' },
    });
    expect(units.state('a.service')).toMatchObject({
      fragmentPath: '/usr/lib/systemd/system/a.service',
      evidence: [
        { path: '/etc/systemd/system/multi-user.target.wants/a.service', text: '-> /lib/systemd/system/a.service' },
        { path: '/usr/lib/systemd/system/a.service' },
      ],
    });
    expect(units.names).toEqual(['a.service']);
  });

  it('cannot be told where a directory cannot be read', async () => {
    await expect(
      unitsOf({ '/usr/lib/systemd/system': { unreadable: 'permission denied', dir: true } }),
    ).rejects.toThrow('/usr/lib/systemd/system: permission denied');
  });
});

describe('presets', () => {
  const preset = (text: string): Tree => ({ '/usr/lib/systemd/system-preset/90-default.preset': text });
  const firstBoot: Tree = { '/etc/machine-id': 'uninitialized\n' };

  test.each<[string, string, Tree]>([
    [
      'enable the unit on first boot',
      'disabled boot preset',
      { ...firstBoot, ...preset('enable a.service\ndisable *\n') },
    ],
    ['enable it without any rule', 'disabled boot preset', firstBoot],
    ['disable it', 'disabled', { ...firstBoot, ...preset('disable *\n') }],
    ['ignore it', 'disabled', { ...firstBoot, ...preset('ignore a.service\nenable *\n') }],
    ['do not run with an empty machine-id', 'disabled', { '/etc/machine-id': '', ...preset('enable a.service\n') }],
    [
      'run without a machine-id',
      'disabled boot preset',
      { '/etc/machine-id': { absent: true }, ...preset('enable *\n') },
    ],
    [
      'yield to a file of the same name in /etc',
      'disabled',
      { ...firstBoot, ...preset('enable *\n'), '/etc/systemd/system-preset/90-default.preset': 'disable *\n' },
    ],
    [
      'yield to an earlier file',
      'disabled',
      { ...firstBoot, ...preset('enable *\n'), '/etc/systemd/system-preset/10-x.preset': 'disable a*\n' },
    ],
    [
      'change nothing for a unit that is enabled',
      'enabled boot',
      {
        ...firstBoot,
        ...preset('disable *\n'),
        '/etc/systemd/system/multi-user.target.wants/a.service': { link: '/x' },
      },
    ],
    [
      'change nothing for a mask',
      'masked',
      { ...firstBoot, ...preset('enable *\n'), '/etc/systemd/system/a.service': { link: '/dev/null' } },
    ],
  ])('%s', async (_, expected, tree) =>
    expect(await summary('a.service', { ...unit('a.service', wanted), ...tree })).toBe(expected),
  );

  it('are named as evidence', async () => {
    const units = await unitsOf({ ...unit('a.service', wanted), ...firstBoot, ...preset('# x\nenable a.service\n') });
    expect(units.presetsRun).toBe(true);
    expect(units.state('a.service').evidence[0]).toEqual({
      path: '/usr/lib/systemd/system-preset/90-default.preset',
      line: 2,
      text: 'enable a.service',
    });
  });

  it('do not start a static unit', async () => {
    expect(await summary('a.service', { ...unit('a.service'), ...firstBoot, ...preset('enable *\n') })).toBe('static');
  });
});

describe('init scripts', () => {
  const noSystemd: Tree = { '/usr/lib/systemd/systemd': { absent: true } };

  test.each<[string, string, Tree]>([
    [
      'a SysV script with a start link',
      'enabled boot',
      { '/etc/init.d/a': '#!/bin/sh\n', '/etc/rc3.d/S20a': { link: '../init.d/a' } },
    ],
    [
      'a SysV script of Red Hat',
      'enabled boot',
      { '/etc/rc.d/init.d/a': '#!/bin/sh\n', '/etc/rc.d/rc5.d/S99a': { link: '../init.d/a' } },
    ],
    [
      'a SysV script with stop links only',
      'disabled',
      { '/etc/init.d/a': '#!/bin/sh\n', '/etc/rc3.d/K20a': { link: '../init.d/a' } },
    ],
    [
      'a SysV script beside a unit',
      'disabled',
      { ...unit('a.service', wanted), '/etc/init.d/a': '#!/bin/sh\n', '/etc/rc3.d/S20a': { link: '../init.d/a' } },
    ],
    [
      'an upstart job',
      'enabled boot',
      { ...noSystemd, '/etc/init/a.conf': 'description "x"\nstart on runlevel [2345]\n' },
    ],
    [
      'an upstart job that is manual',
      'disabled',
      { ...noSystemd, '/etc/init/a.conf': 'start on startup\n', '/etc/init/a.override': 'manual\n' },
    ],
    ['an upstart job beside systemd', 'absent', { '/etc/init/a.conf': 'start on startup\n' }],
    [
      'an OpenRC service',
      'enabled boot',
      { ...noSystemd, '/etc/init.d/a': '#!/sbin/openrc-run\n', '/etc/runlevels/default/a': { link: '/etc/init.d/a' } },
    ],
    ['an OpenRC service in no runlevel', 'disabled', { ...noSystemd, '/etc/init.d/a': '#!/sbin/openrc-run\n' }],
    [
      'a FreeBSD script',
      'enabled boot',
      { ...noSystemd, '/etc/rc.d/a': '#!/bin/sh\n', '/etc/rc.conf': 'a_enable="YES"\n' },
    ],
  ])('%s: %s', async (_, expected, tree) => expect(await summary('a.service', tree)).toBe(expected));
});

describe('the settings of a unit', () => {
  const settings = async (name: string, tree: Tree) =>
    (await unitsOf(tree))
      .settings(name)
      .map(({ section, key, value, evidence }) => `${section}.${key}=${value} (${evidence.path}:${evidence.line})`);

  it('add drop-ins by file name and reset lists', async () => {
    expect(
      await settings('a-b.service', {
        ...unit(
          'a-b.service',
          '[Unit]\nAfter=x\nConditionPathExists=/a\nConditionFileNotEmpty=/b\n[Service]\nExecStart=/bin/a\n',
        ),
        '/usr/lib/systemd/system/a-b.service.d/20.conf': '[Service]\nExecStart=\nExecStart=/bin/b\n',
        '/etc/systemd/system/a-.service.d/10.conf': '[Unit]\nAfter=\nConditionPathExists=\nConditionPathExists=/c\n',
        '/usr/lib/systemd/system/a-b.service.d/30.conf': '[Unit]\nAfter=no\n',
        '/etc/systemd/system/service.d/30.conf': '[Unit]\nAfter=type\n',
        '/etc/systemd/system/a-b.service.d/30.conf': { link: '/dev/null' },
        '/dev/null': { device: true },
      }),
    ).toEqual([
      'Unit.After=x (/usr/lib/systemd/system/a-b.service:2)',
      'Unit.ConditionPathExists=/c (/etc/systemd/system/a-.service.d/10.conf:4)',
      'Service.ExecStart=/bin/b (/usr/lib/systemd/system/a-b.service.d/20.conf:3)',
    ]);
  });

  it('come from the unit behind an alias, with the drop-ins of both names', async () => {
    expect(
      await settings('b.service', {
        ...unit('a.service', '[Unit]\nA=1\n'),
        '/etc/systemd/system/b.service': { link: '/usr/lib/systemd/system/a.service' },
        '/etc/systemd/system/b.service.d/1.conf': '[Unit]\nB=2\n',
      }),
    ).toEqual([
      'Unit.A=1 (/usr/lib/systemd/system/a.service:2)',
      'Unit.B=2 (/etc/systemd/system/b.service.d/1.conf:2)',
    ]);
  });

  it('are none for a unit that is absent or masked', async () => {
    expect(await settings('a.service', {})).toEqual([]);
    expect(
      await settings('a.service', { ...unit('a.service'), '/etc/systemd/system/a.service': { link: '/dev/null' } }),
    ).toEqual([]);
  });
});
