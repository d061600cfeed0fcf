import { Buffer } from 'node:buffer';
import { describe, expect, it, test } from '@jest/globals';
import { packages } from '../../src/facts/packages.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';
import { ndbDatabase, rpmHeaders, rpmTree } from '../package-fixtures.ts';

const status = `Package: openssl
Status: install ok installed
Architecture: amd64
Version: 1:3.0.17-1~deb12u2

Package: libc-bin
Status: install ok triggers-pending
Version: 2.36-9
Conffiles:
 /etc/cron.daily/own 9d0c

Package: omi
Status: deinstall ok config-files
Version: 1.6.4.1
`;

function databaseOf(tree: Tree) {
  return imageFrom(tree).get(packages);
}

describe("dpkg's database", () => {
  it('finds the first of several names that is installed', async () => {
    const found = await databaseOf({ '/var/lib/dpkg/status': status });
    expect(found).toMatchObject({ state: 'read', manager: 'dpkg', database: { path: '/var/lib/dpkg/status' } });
    expect(found.find('openssl-3', 'openssl')).toEqual({
      name: 'openssl',
      version: '3.0.17',
      fullVersion: '1:3.0.17-1~deb12u2',
      manager: 'dpkg',
      evidence: { path: '/var/lib/dpkg/status', line: 4, text: 'openssl 1:3.0.17-1~deb12u2' },
    });
    expect(found.find('libc-bin')?.version).toBe('2.36');
    expect(found.find('omi', 'nothing')).toBeUndefined();
  });

  it('knows files by lists and by configuration files', async () => {
    const found = await databaseOf({
      '/var/lib/dpkg/status': status,
      '/var/lib/dpkg/info/openssl:amd64.list': '/.\n/usr/bin/openssl\n',
    });
    expect(found.owns('openssl', '/usr/bin/openssl')).toBe(true);
    expect(found.owns('openssl', '/usr/bin/other')).toBe(false);
    expect(found.owns('libc-bin', '/usr/bin/ldd')).toBeUndefined();
    expect(found.ownerOf('/etc/cron.daily/own')).toBe('libc-bin');
    expect(found.ownerOf('/etc/cron.daily/other')).toBeUndefined();
  });

  it('takes the last change from the log', async () => {
    const log = '2025-11-30 23:59:59 startup\n2025-12-01 10:00:03 status installed a:amd64 1\n';
    const found = await databaseOf({ '/var/lib/dpkg/status': status, '/var/log/dpkg.log': log });
    expect(found.lastChange()).toMatchObject({ day: '2025-12-01', evidence: { path: '/var/log/dpkg.log', line: 2 } });
    // Files of an image in memory are of 1970.
    expect((await databaseOf({ '/var/lib/dpkg/status': status })).lastChange()).toBeUndefined();
  });

  it('goes before an empty database of rpm, and after none of its own', async () => {
    expect((await databaseOf({ '/var/lib/dpkg/status': status, ...rpmTree })).manager).toBe('dpkg');
    expect((await databaseOf({ '/var/lib/dpkg/status': '', ...rpmTree })).manager).toBe('rpm');
  });
});

describe("rpm's database", () => {
  it('in SQLite', async () => {
    const found = await databaseOf(rpmTree);
    expect(found).toMatchObject({ state: 'read', manager: 'rpm', database: { path: '/var/lib/rpm/rpmdb.sqlite' } });
    expect(found.find('openssl')).toEqual({
      name: 'openssl',
      version: '3.2.2',
      fullVersion: '1:3.2.2-6.el9_5',
      manager: 'rpm',
      evidence: { path: '/var/lib/rpm/rpmdb.sqlite', text: 'openssl-1:3.2.2-6.el9_5' },
    });
    expect(found.find('nothing')).toBeUndefined();
    expect(found.owns('WALinuxAgent', '/usr/sbin/waagent')).toBe(true);
    expect(found.owns('WALinuxAgent', '/usr/bin/waagent')).toBe(false);
    expect(found.ownerOf('/etc/waagent.conf')).toBe('WALinuxAgent');
    expect(found.ownerOf('/etc/other/waagent.conf')).toBeUndefined();
    expect(found.lastChange()?.day).toBe('2025-12-01');
  });

  it('by the link that newer releases have', async () => {
    const { '/var/lib/rpm/rpmdb.sqlite': database = '' } = rpmTree;
    const found = await databaseOf({
      '/var/lib/rpm': { link: '../../usr/lib/sysimage/rpm' },
      '/usr/lib/sysimage/rpm/rpmdb.sqlite': database,
      '/usr/lib/sysimage/rpm/rpmdb.sqlite-wal': '',
    });
    expect(found.find('cloud-init')?.version).toBe('24.4');
  });

  it('of SUSE', async () => {
    const base64 = Buffer.from(ndbDatabase(rpmHeaders)).toString('base64');
    const found = await databaseOf({ '/usr/lib/sysimage/rpm/Packages.db': { base64 } });
    expect(found.find('openssl')).toMatchObject({ version: '3.2.2', manager: 'rpm' });
    expect(found.find('nothing')).toBeUndefined();
    expect(found.owns('WALinuxAgent', '/usr/sbin/waagent')).toBe(true);
    expect(found.owns('nothing', '/')).toBeUndefined();
    expect(found.ownerOf('/etc/waagent.conf')).toBe('WALinuxAgent');
    expect(found.lastChange()).toBeUndefined();
  });

  it('of SUSE with a header that is none', async () => {
    const base64 = Buffer.from(ndbDatabase([new Uint8Array(64)])).toString('base64');
    const found = await databaseOf({ '/usr/lib/sysimage/rpm/Packages.db': { base64 } });
    expect(() => found.find('openssl')).toThrow('holds a header that cannot be read');
  });
});

test.each<[string, Tree, string]>([
  ['a damaged one', { '/var/lib/rpm/rpmdb.sqlite': 'x'.repeat(200) }, '/var/lib/rpm/rpmdb.sqlite: the database is not'],
  ['one in the middle of a transaction', { ...rpmTree, '/var/lib/rpm/rpmdb.sqlite-journal': 'x' }, 'was not finished'],
  ['an old one that is none', { '/var/lib/rpm/Packages': 'x'.repeat(600) }, 'is not a hash of Berkeley DB'],
  ['one of SUSE that is none', { '/usr/lib/sysimage/rpm/Packages.db': 'x' }, 'is not one of ndb'],
  ['apk', { '/lib/apk/db/installed': 'P:busybox\n' }, 'a package database of apk'],
  ['pacman', { '/var/lib/pacman/local': { dir: true } }, 'a package database of pacman'],
  ['without rights', { '/var/lib/dpkg/status': { unreadable: 'permission denied' } }, 'permission denied'],
])('%s cannot be read, and every question says so', async (_name, tree, reason) => {
  const found = await databaseOf(tree);
  expect(isCouldNotRead(found.state) && found.state.message).toContain(reason);
  for (const ask of [() => found.find('a'), () => found.owns('a', '/'), () => found.ownerOf('/'), found.lastChange]) {
    expect(ask).toThrow(reason);
  }
});

test('an image without a package manager has no database', async () => {
  const found = await databaseOf({ '/usr/lib/os-release': 'ID=flatcar\n' });
  expect(found).toMatchObject({ state: 'absent' });
  expect([found.find('a'), found.owns('a', '/'), found.ownerOf('/'), found.lastChange()]).toEqual(
    Array(4).fill(undefined),
  );
});
