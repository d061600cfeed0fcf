import { describe, expect, test } from '@jest/globals';
import { type CloudInit, cloudInit } from '../../src/facts/cloud-init.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const python = '/usr/lib/python3/dist-packages/cloudinit';
const units = '/usr/lib/systemd/system';
const generator = '/usr/lib/systemd/system-generators/cloud-init-generator';
const oldStages = ['cloud-init-local', 'cloud-init', 'cloud-config', 'cloud-final'];
const newStages = ['cloud-init-main', 'cloud-init-local', 'cloud-init-network', 'cloud-config', 'cloud-final'];

function stageFiles(stages: readonly string[]): Tree {
  return Object.fromEntries(
    stages.flatMap((stage) => [
      [
        `${units}/${stage}.service`,
        '[Service]\nExecStart=/usr/bin/cloud-init\n[Install]\nWantedBy=cloud-init.target\n',
      ],
      [`/etc/systemd/system/cloud-init.target.wants/${stage}.service`, { link: `${units}/${stage}.service` }],
    ]),
  );
}

/** A Debian-like root on which cloud-init works. */
const working: Tree = {
  '/etc/os-release': 'ID=debian\n',
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/usr/bin/cloud-init': { text: '#!/usr/bin/python3\n', mode: '0755' },
  [`${python}/version.py`]: '# version\n__VERSION__ = "25.1.4"\n_PACKAGED_VERSION = "25.1.4-1"\n',
  [`${python}/sources/DataSourceAzure.py`]: '',
  [generator]: { text: '#!/bin/sh\ndsidentify="/usr/lib/cloud-init/ds-identify"\n', mode: '0755' },
  '/usr/lib/cloud-init/ds-identify': { text: '#!/bin/sh\n', mode: '0755' },
  [`${units}/cloud-init.target`]: '[Unit]\n',
  [`${units}/multi-user.target`]: '[Unit]\n',
  '/etc/cloud/cloud.cfg': 'users: [default]\ndisable_root: true\nsystem_info:\n  default_user: {name: debian}\n',
  ...stageFiles(newStages),
};

const read = (files: Tree): Promise<CloudInit> => imageFrom({ ...working, ...files }).get(cloudInit);
const obstacles = async (files: Tree) => (await read(files)).obstacles.map(({ message }) => message);

describe('installation', () => {
  test('a complete cloud-init has no obstacle', async () => {
    const found = await read({});
    expect(found).toMatchObject({
      installed: true,
      executable: { path: '/usr/bin/cloud-init' },
      version: { text: '25.1.4', evidence: { path: `${python}/version.py`, line: 2 } },
      enabledForAgent: true,
      generator: { present: true },
      dsIdentify: { present: true },
      switches: [],
      search: { result: 'azure', decidedBy: 'default' },
      obstacles: [],
    });
    expect(found.stages.map(({ name }) => name)).toEqual(newStages.map((stage) => `${stage}.service`));
  });

  test('a Python package of another directory counts', async () => {
    const moved = '/usr/lib/python3.12/site-packages/cloudinit';
    const files: Tree = {
      [`${python}/version.py`]: { absent: true },
      [`${python}/sources/DataSourceAzure.py`]: { absent: true },
      [`${moved}/version.py`]: "__VERSION__ = '24.3'\n",
      [`${moved}/sources/DataSourceAzure.py`]: '',
    };
    expect(await read(files)).toMatchObject({ installed: true, version: { text: '24.3' } });
  });

  test('without the Azure data source it is not installed', async () => {
    const found = await read({ [`${python}/sources/DataSourceAzure.py`]: { absent: true } });
    expect(found.installed).toBe(false);
    expect(found.obstacles).toMatchObject([{ message: 'cloud-init is not installed', evidence: [] }]);
  });

  test('an empty root is described without complaint', async () => {
    const found = await imageFrom({ '/etc/os-release': 'ID=debian\n' }).get(cloudInit);
    expect(found).toMatchObject({ installed: false, switches: [], generator: { present: false }, unread: [] });
    expect(found.config).toMatchObject({ files: [], merged: {}, unread: [] });
  });
});

describe('stages', () => {
  test('older units are a complete set as well', async () => {
    const files: Tree = {
      ...Object.fromEntries(newStages.map((stage) => [`${units}/${stage}.service`, { absent: true } as const])),
      ...Object.fromEntries(
        newStages.map((stage) => [
          `/etc/systemd/system/cloud-init.target.wants/${stage}.service`,
          { absent: true } as const,
        ]),
      ),
      ...stageFiles(oldStages),
    };
    const found = await read(files);
    expect(found.stages.map(({ name }) => name)).toEqual(oldStages.map((stage) => `${stage}.service`));
    expect(found.obstacles).toEqual([]);
  });

  test('a disabled and a masked stage are obstacles', async () => {
    expect(
      await obstacles({
        '/etc/systemd/system/cloud-init.target.wants/cloud-final.service': { absent: true },
        '/etc/systemd/system/cloud-init-local.service': { link: '/dev/null' },
      }),
    ).toEqual([
      'cloud-init-local.service does not start at boot (masked)',
      'cloud-final.service does not start at boot (disabled)',
    ]);
  });

  test('a preset that runs on first boot enables the local stage for the agent', async () => {
    const links = newStages.map((stage) => [
      `/etc/systemd/system/cloud-init.target.wants/${stage}.service`,
      { absent: true } as const,
    ]);
    const found = await read({
      ...Object.fromEntries(links),
      '/etc/machine-id': 'uninitialized\n',
      '/usr/lib/systemd/system-preset/90-default.preset': 'enable cloud-*\n',
    });
    expect(found).toMatchObject({ enabledForAgent: true, obstacles: [] });
  });

  test('a generator that is gone and a ds-identify that cannot run are obstacles', async () => {
    expect(await obstacles({ [generator]: { absent: true } })).toEqual([
      expect.stringContaining('cloud-init-generator'),
    ]);
    expect(await obstacles({ '/usr/lib/cloud-init/ds-identify': { text: '', mode: '0644' } })).toEqual([
      expect.stringContaining('ds-identify, without which'),
    ]);
  });

  test('the generator up to 23.3 starts cloud-init without ds-identify', async () => {
    const script = 'dsidentify="/usr/lib/cloud-init/ds-identify"\ncheck_for_datasource() {\n';
    const files: Tree = {
      '/usr/lib/cloud-init/ds-identify': { absent: true },
      [generator]: { text: script, mode: '0755' },
    };
    expect(await read(files)).toMatchObject({ dsIdentify: { present: false }, obstacles: [] });
  });

  test('the generator says where ds-identify is', async () => {
    const script = '    dsidentify="/usr/libexec/cloud-init/ds-identify"\n';
    expect((await read({ [generator]: { text: script, mode: '0755' } })).dsIdentify.present).toBe(false);
  });
});

describe('switches', () => {
  const grub = (words: string) =>
    `menuentry 'Debian' {\n\tlinux /vmlinuz root=/dev/sda1 ${words}\n\tinitrd /initrd.img\n}\n`;
  test.each<[string, Tree, string[]]>([
    ['the file', { '/etc/cloud/cloud-init.disabled': '' }, ['file']],
    ['a directory of that name', { '/etc/cloud/cloud-init.disabled': { dir: true } }, []],
    ['a dangling link of that name', { '/etc/cloud/cloud-init.disabled': { link: 'nowhere' } }, []],
    ['a masked target', { '/etc/systemd/system/cloud-init.target': { link: '/dev/null' } }, ['target-masked']],
    [
      'a masked generator',
      { '/etc/systemd/system-generators/cloud-init-generator': { link: '/dev/null' } },
      ['generator-masked'],
    ],
    [
      'the environment',
      { '/etc/systemd/system.conf': '[Manager]\nDefaultEnvironment="KERNEL_CMDLINE=cloud-init=disabled" A=b\n' },
      ['environment'],
    ],
    [
      'the environment in a drop-in',
      { '/etc/systemd/system.conf.d/x.conf': '[Manager]\nDefaultEnvironment=KERNEL_CMDLINE=cloud-init=disabled\n' },
      ['environment'],
    ],
    [
      'an environment that is reset',
      {
        '/etc/systemd/system.conf':
          '[Manager]\nDefaultEnvironment=KERNEL_CMDLINE=cloud-init=disabled\nDefaultEnvironment=\n',
      },
      [],
    ],
    [
      'another section',
      { '/etc/systemd/system.conf': '[Other]\nDefaultEnvironment=KERNEL_CMDLINE=cloud-init=disabled\n' },
      [],
    ],
    ['the boot entry', { '/boot/grub/grub.cfg': grub('cloud-init=disabled') }, ['kernel-command-line']],
    ['another word of the boot entry', { '/boot/grub/grub.cfg': grub('cloud-init=enabled') }, []],
  ])('%s', async (_, files, kinds) => {
    const found = await read(files);
    expect(found.switches.map(({ kind }) => kind)).toEqual(kinds);
    expect(found.switches.every(({ effective }) => effective)).toBe(true);
    expect(found.obstacles.length > 0).toBe(kinds.length > 0);
  });

  test('what only the next boot configuration brings is not effective', async () => {
    const files: Tree = {
      '/etc/default/grub': 'GRUB_CMDLINE_LINUX="cloud-init=disabled"\n',
      '/boot/grub/grub.cfg': grub('quiet'),
    };
    expect(await read(files)).toMatchObject({ switches: [{ kind: 'grub-default', effective: false }], obstacles: [] });
  });

  test('another KERNEL_CMDLINE is told but not effective', async () => {
    const files: Tree = { '/etc/systemd/system.conf': '[Manager]\nDefaultEnvironment=KERNEL_CMDLINE=quiet\n' };
    expect(await read(files)).toMatchObject({ switches: [{ kind: 'environment', effective: false }], obstacles: [] });
  });
});

describe('configuration', () => {
  test('drop-ins are merged in the order of their names, with origins', async () => {
    const { config } = await read({
      '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ Azure ]\n',
      '/etc/cloud/cloud.cfg.d/90-azure.cfg': '# first\n\ndatasource_list: [ NoCloud ]\ndisable_root: "off"\n',
      '/etc/cloud/cloud.cfg.d/README': 'disable_root: true\n',
      '/etc/cloud/cloud.cfg.d/dir.cfg': { dir: true },
    });
    expect(config.files.map(({ path }) => path)).toEqual([
      '/etc/cloud/cloud.cfg',
      '/etc/cloud/cloud.cfg.d/90-azure.cfg',
      '/etc/cloud/cloud.cfg.d/90_dpkg.cfg',
    ]);
    expect(config.get('datasource_list')).toEqual(['Azure']);
    expect(config.origin('datasource_list')).toEqual({ path: '/etc/cloud/cloud.cfg.d/90_dpkg.cfg', line: 1 });
    expect(config.origin('disable_root')).toEqual({ path: '/etc/cloud/cloud.cfg.d/90-azure.cfg', line: 4 });
    expect(config.origin('system_info', 'default_user', 'name')).toEqual({ path: '/etc/cloud/cloud.cfg', line: 4 });
    expect([config.bool('disable_root', true), config.bool('absent', true), config.get('constructor')]).toEqual([
      false,
      true,
      undefined,
    ]);
  });

  test.each<[string, boolean]>([
    ['"Yes"', true],
    ['on', true],
    ['1', true],
    ['"true "', true],
    ['', false],
    ['"no"', false],
    ['2', false],
    ['[true]', false],
  ])('preserve_hostname: %s is %s', async (text, value) => {
    const { config } = await read({ '/etc/cloud/cloud.cfg': `preserve_hostname: ${text}\n` });
    expect(config.bool('preserve_hostname', !value)).toBe(value);
  });

  test('conf_d moves the drop-ins away', async () => {
    const files: Tree = { '/etc/cloud/cloud.cfg.d/a.cfg': 'a: 1\n', '/srv/ci.d/b.cfg': 'b: 1\n' };
    const at = async (confD: string) => {
      const { config } = await read({ ...files, '/etc/cloud/cloud.cfg': `conf_d: ${confD}\n` });
      return [config.get('a'), config.get('b'), config.defect?.message];
    };
    expect(await at('/srv/ci.d')).toEqual([undefined, 1, undefined]);
    expect(await at('""')).toEqual([undefined, undefined, undefined]);
    expect(await at('[x]')).toEqual([undefined, undefined, expect.stringContaining('conf_d')]);
  });

  test('what ends cloud-init with an exception is an obstacle', async () => {
    const files: Tree = { '/etc/cloud/cloud.cfg.d/a.cfg': 'a: 1\nmerge_how: nonsense\n' };
    const { config, obstacles: found } = await read(files);
    expect(config.defect?.evidence).toEqual([{ path: '/etc/cloud/cloud.cfg.d/a.cfg', line: 2 }]);
    expect(found.map(({ message }) => message)).toEqual([config.defect?.message]);
    expect(await obstacles({ '/etc/cloud/cloud.cfg.d/a.cfg': { base64: '/w==' } })).toEqual([
      expect.stringContaining('UTF-8'),
    ]);
  });

  test('an unreadable file and a capped one are left out and named', async () => {
    const { config } = await read({
      '/etc/cloud/cloud.cfg.d/a.cfg': { unreadable: 'permission denied' },
      '/etc/cloud/cloud.cfg.d/b.cfg': 'a: &a [*a]\n',
      '/etc/cloud/cloud.cfg.d/c.cfg': 'c: 1\n',
    });
    expect(config.get('c')).toBe(1);
    expect(config.unread.map(({ path }) => path)).toEqual([
      '/etc/cloud/cloud.cfg.d/a.cfg',
      '/etc/cloud/cloud.cfg.d/b.cfg',
    ]);
  });
});

describe('search', () => {
  test('a list without Azure is an obstacle, hidden drop-ins are not scanned', async () => {
    const files: Tree = { '/etc/cloud/cloud.cfg.d/99-installer.cfg': 'datasource_list: [None]\n' };
    const found = await read(files);
    expect(found.search).toMatchObject({ result: 'other', list: ['None'], decidedBy: 'datasource-list' });
    expect(found.obstacles).toHaveLength(1);
    expect((await read({ '/etc/cloud/cloud.cfg.d/.x.cfg': 'datasource_list: [None]\n' })).search.result).toBe('azure');
  });

  test('the policy is read from ds-identify.cfg', async () => {
    const found = await read({ '/etc/cloud/ds-identify.cfg': 'policy: disabled\n' });
    expect(found.search).toMatchObject({ result: 'disabled', decidedBy: 'ds-identify-config' });
  });

  test('without ds-identify the merged list counts', async () => {
    const files: Tree = {
      '/usr/lib/cloud-init/ds-identify': { absent: true },
      '/etc/cloud/cloud.cfg.d/90.cfg': 'datasource_list:\n  - NoCloud\n',
    };
    expect((await read(files)).search).toMatchObject({ result: 'other', list: ['NoCloud'] });
  });
});
