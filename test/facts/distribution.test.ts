import { describe, expect, it, test } from '@jest/globals';
import { distribution } from '../../src/facts/distribution.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

const read = (tree: Tree) => imageFrom(tree).get(distribution);

describe('the family', () => {
  test.each([
    ['rhel', 'fedora', 'rhel'],
    ['centos', 'rhel fedora', 'rhel'],
    ['almalinux', 'rhel centos fedora', 'rhel'],
    ['amzn', 'centos rhel fedora', 'rhel'],
    ['ol', 'fedora', 'oracle'],
    ['fedora', '', 'fedora'],
    ['debian', '', 'debian'],
    ['devuan', 'debian', 'debian'],
    ['ubuntu', 'debian', 'ubuntu'],
    ['linuxmint', 'ubuntu debian', 'ubuntu'],
    ['sles', 'suse', 'suse'],
    ['sl-micro', 'suse opensuse', 'suse'],
    ['opensuse-leap', 'suse opensuse', 'suse'],
    ['azurelinux', '', 'azurelinux'],
    ['mariner', '', 'azurelinux'],
    ['flatcar', 'coreos', 'flatcar'],
    ['alpine', '', 'alpine'],
    ['arch', '', 'arch'],
    ['freebsd', '', 'bsd'],
    ['nixos', '', 'other'],
  ])('of %s like "%s" is %s', async (id, like, family) => {
    expect((await read({ '/etc/os-release': `ID=${id}\nID_LIKE="${like}"\n` }))?.family).toBe(family);
  });
});

describe('the distribution', () => {
  it('comes from /etc/os-release with its lines', async () => {
    const text = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n';
    expect(await read({ '/etc/os-release': { link: '../usr/lib/os-release' }, '/usr/lib/os-release': text })).toEqual({
      id: 'debian',
      idLike: [],
      family: 'debian',
      versionId: '12',
      name: 'Debian GNU/Linux',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
      source: 'os-release',
      releaseFiles: [],
      contradictions: [],
      isKnownToAgent: true,
      evidence: [
        { path: '/etc/os-release', line: 4, text: 'ID=debian' },
        { path: '/etc/os-release', line: 3, text: 'VERSION_ID="12"' },
        { path: '/etc/os-release', line: 1, text: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"' },
      ],
    });
  });

  it.each<[string, Tree]>([
    ['beside os-release', { '/etc/os-release': 'ID=rhel\nVERSION_ID=7.9\n' }],
    [
      'beside an older release file',
      { '/etc/redhat-release': 'Red Hat Enterprise Linux Server release 7.9 (Maipo)\n' },
    ],
  ])("is Gaia to the agent by Check Point's file %s", async (_place, files) => {
    const found = await read({ ...files, '/etc/cp-release': 'Check Point Gaia R81.20\n' });
    expect([found?.id, found?.versionId, found?.agentName, found?.contradictions]).toEqual(['rhel', '7.9', 'gaia', []]);
    expect((await read(files))?.agentName).toBeUndefined();
  });

  it('never mixes the two os-release files', async () => {
    const found = await read({ '/etc/os-release': 'ID=a\n', '/usr/lib/os-release': 'ID=b\nVERSION_ID=1\n' });
    expect([found?.id, found?.versionId]).toEqual(['a', undefined]);
  });

  test.each<[string, Tree, string, string | undefined]>([
    ['CentOS 6', { '/etc/redhat-release': 'CentOS release 6.10 (Final)\n' }, 'centos', '6.10'],
    [
      'Oracle Linux 6',
      {
        '/etc/oracle-release': 'Oracle Linux Server release 6.10\n',
        '/etc/redhat-release': 'Red Hat Enterprise Linux Server release 6.10\n',
      },
      'ol',
      '6.10',
    ],
    ['SLES 11', { '/etc/SuSE-release': 'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\n' }, 'sles', '11'],
    [
      'Ubuntu 12.04',
      { '/etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\n', '/etc/debian_version': 'wheezy/sid\n' },
      'ubuntu',
      '12.04',
    ],
    ['Debian 6', { '/etc/debian_version': '6.0.10\n' }, 'debian', '6.0.10'],
    ['Alpine', { '/etc/alpine-release': '3.4.0\n' }, 'alpine', '3.4.0'],
    ['FreeBSD', { '/bin/freebsd-version': '#!/bin/sh\nUSERLAND_VERSION="14.1-RELEASE"\n' }, 'freebsd', undefined],
  ])('of %s comes from a legacy file', async (_, tree, id, versionId) => {
    expect(await read(tree)).toMatchObject({ id, source: 'legacy', ...(versionId && { versionId }) });
  });

  test.each<[string, Tree, readonly string[]]>([
    [
      'Rocky with redhat-release',
      {
        '/etc/os-release': 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
        '/etc/redhat-release': 'Rocky Linux release 9.5\n',
      },
      [],
    ],
    [
      'RHEL with system-release',
      {
        '/etc/os-release': 'ID="rhel"\nID_LIKE="fedora"\n',
        '/etc/system-release': 'Red Hat Enterprise Linux release 9.6\n',
      },
      [],
    ],
    [
      'Debian with a SUSE file',
      { '/etc/os-release': 'ID=debian\n', '/etc/SuSE-release': 'openSUSE 13.1\n' },
      ['/etc/SuSE-release'],
    ],
    [
      'a release file that is a link to os-release',
      { '/etc/os-release': 'ID=debian\n', '/etc/system-release': { link: 'os-release' } },
      [],
    ],
  ])('of %s: contradictions', async (_, tree, paths) => {
    expect((await read(tree))?.contradictions.map(({ path }) => path)).toEqual(paths);
  });

  it('is undefined where nothing names one', async () => {
    expect(await read({ '/etc/hostname': 'x', '/usr/lib/x': 'y' })).toBeUndefined();
  });

  it('cannot be known where os-release leads into an empty /usr', async () => {
    await expect(read({ '/etc/os-release': { link: '/usr/lib/os-release' }, '/usr': { dir: true } })).rejects.toThrow(
      'another volume',
    );
  });
});
