import { describe, expect, test } from '@jest/globals';
import { cloudInitState } from '../../src/facts/cloud-init-state.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const read = (files: Tree) => imageFrom({ '/etc/os-release': 'ID=debian\n', ...files }).get(cloudInitState);

describe('state directory', () => {
  test('nothing is there', async () => {
    expect(await read({})).toMatchObject({ directory: '/var/lib/cloud', present: false, instances: [], logs: [] });
  });

  test('empty directories and hidden files are no state', async () => {
    const found = await read({
      '/var/lib/cloud/instances': { dir: true },
      '/var/lib/cloud/data/.keep': '',
      '/var/lib/cloud/seed/nocloud': { dir: true },
      '/var/lib/cloud/sem': { dir: true },
    });
    expect(found).toMatchObject({ present: true, instances: [], data: [], semaphores: [], handlers: [], seeds: [] });
    expect(found.instanceLink).toBeUndefined();
  });

  test('a used system', async () => {
    const instance = '/var/lib/cloud/instances/i-1';
    const found = await read({
      '/var/lib/cloud/instance': { link: instance },
      [`${instance}/obj.pkl`]: 'x',
      [`${instance}/user-data.txt`]: '',
      [`${instance}/manual-clean`]: '',
      '/var/lib/cloud/data/instance-id': 'i-1\n',
      '/var/lib/cloud/sem/config_scripts_per_once.once': '',
      '/var/lib/cloud/handlers/part.py': '',
      '/var/lib/cloud/seed/azure/ovf-env.xml': '<x/>',
    });
    expect(found).toMatchObject({
      instanceLink: { path: '/var/lib/cloud/instance', target: instance, dangling: false },
      instances: [{ path: instance, hasObject: true, hasUserData: true }],
      data: ['/var/lib/cloud/data/instance-id'],
      semaphores: ['/var/lib/cloud/sem/config_scripts_per_once.once'],
      handlers: ['/var/lib/cloud/handlers/part.py'],
      seeds: [{ name: 'azure', files: ['/var/lib/cloud/seed/azure/ovf-env.xml'] }],
      manualClean: { path: '/var/lib/cloud/instance/manual-clean' },
      unread: [],
    });
  });

  test('a dangling link is told', async () => {
    const { instanceLink } = await read({ '/var/lib/cloud/instance': { link: '/var/lib/cloud/instances/gone' } });
    expect(instanceLink).toEqual({
      path: '/var/lib/cloud/instance',
      target: '/var/lib/cloud/instances/gone',
      dangling: true,
    });
  });

  test('cloud_dir moves it', async () => {
    const found = await read({
      '/etc/cloud/cloud.cfg': 'system_info: {paths: {cloud_dir: /srv/cloud/}}\n',
      '/srv/cloud/data/instance-id': 'x\n',
    });
    expect(found).toMatchObject({ directory: '/srv/cloud', data: ['/srv/cloud/data/instance-id'] });
  });

  test('an unreadable part does not hide the others', async () => {
    const found = await read({
      '/var/lib/cloud/data': { unreadable: 'permission denied', dir: true },
      '/var/lib/cloud/sem/x': '',
    });
    expect(found.semaphores).toEqual(['/var/lib/cloud/sem/x']);
    expect(found.unread.map(({ path }) => path)).toEqual(['/var/lib/cloud/data']);
  });
});

describe('logs', () => {
  test('usual names and those of the configuration, with their sizes', async () => {
    const found = await read({
      '/etc/cloud/cloud.cfg':
        "a: 1\noutput: {all: '| tee -a /var/log/ci/all.log', final: ['> /var/log/final.log', '>> /dev/null']}\n",
      '/var/log/cloud-init.log': 'abc',
      '/var/log/cloud-init-output.log': '',
      '/var/log/ci/all.log': 'x',
      '/var/log/final.log': 'yy',
      '/var/log/installer/cloud-init.log': 'z',
    });
    const named = { path: '/etc/cloud/cloud.cfg', line: 2 };
    expect(found.logs).toEqual([
      { path: '/var/log/cloud-init-output.log', size: 0, evidence: { path: '/var/log/cloud-init-output.log' } },
      { path: '/var/log/cloud-init.log', size: 3, evidence: { path: '/var/log/cloud-init.log' } },
      { path: '/var/log/ci/all.log', size: 1, evidence: named },
      { path: '/var/log/final.log', size: 2, evidence: named },
    ]);
    expect(found.installerLogs.map(({ path, size }) => [path, size])).toEqual([
      ['/var/log/installer/cloud-init.log', 1],
    ]);
  });

  test('a device is no log', async () => {
    const found = await read({
      '/etc/cloud/cloud.cfg': 'output: {all: "> /dev/console"}\n',
      '/dev/console': { device: true },
    });
    expect(found.logs).toEqual([]);
  });
});
