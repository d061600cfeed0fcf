import { describe, expect, test } from '@jest/globals';
import { udevRules } from '../../src/facts/udev-rules.ts';
import { imageFrom } from '../../src/testing/image.ts';

describe('udevRules', () => {
  test('the earlier directory wins a name, and files are in the order of their names', async () => {
    const scan = imageFrom({
      '/usr/lib/udev/rules.d/66-azure-storage.rules': 'RUN="a"\n',
      '/usr/lib/udev/rules.d/80-net.rules': 'NAME="b"\n',
      '/etc/udev/rules.d/80-net.rules': { link: '/dev/null' },
      '/run/udev/rules.d/66-azure-storage.rules': '',
      '/lib': { link: 'usr/lib' },
      '/usr/lib/udev/rules.d/README': 'RUN="c"',
      '/etc/udev/rules.d/70-x.rules': '# none\nfoo\nKERNEL=="x", MODE="0600"\n',
    });
    const { files, unread } = await scan.get(udevRules);
    expect(unread).toEqual([]);
    expect(files.map(({ name, path, isMask, hides }) => ({ name, path, isMask, hides }))).toEqual([
      {
        name: '66-azure-storage.rules',
        path: '/run/udev/rules.d/66-azure-storage.rules',
        isMask: true,
        hides: ['/usr/lib/udev/rules.d/66-azure-storage.rules'],
      },
      { name: '70-x.rules', path: '/etc/udev/rules.d/70-x.rules', isMask: false, hides: [] },
      {
        name: '80-net.rules',
        path: '/etc/udev/rules.d/80-net.rules',
        isMask: true,
        hides: ['/usr/lib/udev/rules.d/80-net.rules'],
      },
    ]);
    expect(files[1]?.rules.map(({ evidence }) => evidence)).toEqual([
      { path: '/etc/udev/rules.d/70-x.rules', line: 3, text: 'KERNEL=="x", MODE="0600"' },
    ]);
    expect(files[1]?.dropped).toEqual([
      {
        message: 'no KEY="value" at "foo"',
        evidence: { path: '/etc/udev/rules.d/70-x.rules', line: 2, text: 'foo' },
      },
    ]);
  });

  test('/lib counts by itself where it is no link', async () => {
    const { files } = await imageFrom({
      '/lib/udev/rules.d/a.rules': 'RUN="a"\n',
      '/usr/lib/udev/rules.d/b.rules': 'RUN="b"\n',
    }).get(udevRules);
    expect(files.map(({ path }) => path)).toEqual(['/lib/udev/rules.d/a.rules', '/usr/lib/udev/rules.d/b.rules']);
  });

  test('one unreadable file does not hide the others', async () => {
    const { files, unread } = await imageFrom({
      '/etc/udev/rules.d/a.rules': { unreadable: 'permission denied' },
      '/etc/udev/rules.d/b.rules': 'RUN="b"\n',
    }).get(udevRules);
    expect(files.map(({ name }) => name)).toEqual(['b.rules']);
    expect(unread.map(({ path }) => path)).toEqual(['/etc/udev/rules.d/a.rules']);
  });

  test('an image without udev has no rules', async () => {
    expect(await imageFrom({}).get(udevRules)).toEqual({ files: [], unread: [] });
  });
});
