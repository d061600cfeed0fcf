import { describe, expect, test } from '@jest/globals';
import { dhcpLeases } from '../../src/facts/dhcp-leases.ts';
import { generatedNetwork } from '../../src/facts/generated-network.ts';
import { hostRenamers } from '../../src/facts/host-renamers.ts';
import { hostname } from '../../src/facts/hostname.ts';
import { resolver } from '../../src/facts/resolver.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

describe('hostname', () => {
  const names = async (files: Tree) =>
    (await imageFrom({ '/etc/os-release': 'ID=alpine\n', ...files }).get(hostname)).settings.map(
      ({ use, name, isNeutral }) => `${use} ${name}${isNeutral ? '' : ' specific'}`,
    );

  test.each([
    [
      'the link of SUSE is one name, not two',
      { '/etc/HOSTNAME': { link: 'hostname' }, '/etc/hostname': 'web\n' },
      ['static web specific'],
    ],
    ['/etc/HOSTNAME alone, as on SLES 11', { '/etc/HOSTNAME': 'web.example\n' }, ['static web.example specific']],
    ['the id of the distribution is neutral', { '/etc/hostname': 'alpine\n' }, ['static alpine']],
    ['and so are local domains', { '/etc/hostname': 'Localhost.LocalDomain\n' }, ['static Localhost.LocalDomain']],
    ['but no domain of a site', { '/etc/hostname': 'debian.corp.example\n' }, ['static debian.corp.example specific']],
    [
      'FreeBSD and OpenBSD',
      { '/etc/rc.conf': 'hostname="bsd1"\n', '/etc/myname': 'bsd2\n' },
      ['static bsd2 specific', 'static bsd1 specific'],
    ],
    ['SUSE has a directory where RHEL has a file', { '/etc/sysconfig/network': { dir: true } }, []],
    ['nothing', {}, []],
  ] as [string, Tree, string[]][])('%s', async (_name, files, expected) => {
    expect(await names(files)).toEqual(expected);
  });

  test('says which static name distinguishes the machine, and what it could not read', async () => {
    const found = await imageFrom({ '/etc/hostname': 'web\n', '/etc/hosts': { unreadable: 'permission denied' } }).get(
      hostname,
    );
    expect(found.specific?.evidence).toEqual({ path: '/etc/hostname', line: 1, text: 'web' });
    expect(found.unread.map(({ path }) => path)).toEqual(['/etc/hosts']);
  });
});

describe('resolver', () => {
  test.each([
    ['absent', {}, 'absent', 0],
    [
      'a stub of the system',
      {
        '/etc/resolv.conf': { link: '/usr/lib/systemd/resolv.conf' },
        '/usr/lib/systemd/resolv.conf': 'nameserver 127.0.0.53\n',
      },
      'link',
      0,
    ],
    ['a dangling link', { '/etc/resolv.conf': { link: 'resolv.conf.real' } }, 'link', 0],
    [
      'the keyword must begin the line',
      { '/etc/resolv.conf': ' nameserver 10.0.0.1\nnameserver10.0.0.2\n' },
      'empty',
      0,
    ],
    [
      'a local resolver counts as a server',
      { '/etc/resolv.conf': 'nameserver 127.0.0.1\nnameserver\tfe80::1 # x\n' },
      'static',
      2,
    ],
  ] as [string, Tree, string, number][])('%s', async (_name, files, state, count) => {
    const found = await imageFrom(files).get(resolver);
    expect([found.state, found.nameServers.length]).toEqual([state, count]);
  });
});

describe('DHCP leases', () => {
  test('are files with content; what cannot be read does not hide the rest', async () => {
    const found = await imageFrom({
      '/var/lib/dhcpcd/eth0.lease': { base64: 'AgEGAAAA' },
      '/var/lib/dhcp/dhclient.leases': '',
      '/var/lib/dhclient/dhclient.leases': { unreadable: 'permission denied' },
      '/etc/dhcpcd.duid': '00:01\n',
      '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.4\n',
    }).get(dhcpLeases);
    expect(found.files.map(({ kind, address, evidence }) => [kind, address, evidence.path])).toEqual([
      ['identity', undefined, '/etc/dhcpcd.duid'],
      ['lease', '10.0.0.4', '/run/systemd/netif/leases/2'],
      ['lease', undefined, '/var/lib/dhcpcd/eth0.lease'],
    ]);
    expect(found.unread.map(({ path }) => path)).toEqual(['/var/lib/dhclient/dhclient.leases']);
  });
});

describe('generated network files', () => {
  const describeFiles = async (files: Tree) =>
    (await imageFrom(files).get(generatedNetwork)).files.map(
      ({ path, binding, writtenByCloudInit, rewrittenOnFirstBoot }) =>
        `${path} ${binding}${writtenByCloudInit ? ' cloud-init' : ''}${rewrittenOnFirstBoot ? ' rewritten' : ''}`,
    );
  const netplan = (device: string) => `network:\n  ethernets:\n    nic:\n${device.replace(/^/gm, '      ')}\n`;

  test.each([
    ['dhcp4: true', 'other-interface'],
    ['match: {name: "e[tn]*"}\ndhcp4: true', 'any-interface'],
    ['match: {name: ens*}', 'other-interface'],
    ['match: {driver: hv_netvsc}\ndhcp4: true', 'any-interface'],
    ['match: {name: eth0}\ndhcp4: true', 'first-interface'],
    [`match: {name: "${'*'.repeat(65)}"}`, 'other-interface'],
    ['addresses: [10.0.0.5/24]', 'static-address'],
  ])('netplan: %s -> %s', async (device, binding) => {
    expect(await describeFiles({ '/etc/netplan/01.yaml': netplan(device) })).toEqual([
      `/etc/netplan/01.yaml ${binding}`,
    ]);
  });

  test('other extensions, broken YAML and the loopback interface', async () => {
    const files = {
      '/etc/netplan/01.yaml.bak': netplan('addresses: [10.0.0.5/24]'),
      '/etc/netplan/02.yaml': 'network:\n\t- x\n',
      '/etc/sysconfig/network-scripts/ifcfg-lo': '# Created by cloud-init\nDEVICE=lo\nIPADDR=127.0.0.1\n',
    };
    expect(await describeFiles(files)).toEqual(['/etc/netplan/02.yaml none']);
  });
});

describe('host renamers', () => {
  const unit = (command: string): Tree => ({
    '/etc/systemd/system/name.service': `[Service]\n${command}\n[Install]\nWantedBy=multi-user.target\n`,
    '/etc/systemd/system/multi-user.target.wants/name.service': { link: '../name.service' },
  });

  test.each([
    ['ExecStart=/usr/bin/hostnamectl set-hostname x', 1],
    ['ExecStart=/usr/bin/hostnamectl --static set-hostname x', 1],
    ['ExecStartPre=/bin/sh -c "echo x > /etc/hostname"', 1],
    ['ExecStop=/usr/bin/hostnamectl set-hostname x', 0],
    ['ExecStart=/usr/bin/hostnamectl status', 0],
    ['ExecStart=/usr/local/bin/run', 0],
    ['ExecStart=/usr/local/bin/rename', 1],
  ])('%s: %i', async (command, count) => {
    const { renamers } = await imageFrom({
      ...unit(command),
      '/usr/local/bin/run': '#!/bin/sh\n# hostnamectl set-hostname x\n',
      '/usr/local/bin/rename': '#!/bin/sh\nhostnamectl hostname "$1"\n',
    }).get(hostRenamers);
    expect(renamers).toHaveLength(count);
  });

  test('rc.local counts when it is executable', async () => {
    const text = '#!/bin/sh\necho x | tee /etc/hostname\n';
    expect((await imageFrom({ '/etc/rc.local': text }).get(hostRenamers)).renamers).toEqual([]);
    expect((await imageFrom({ '/etc/rc.local': { text, mode: '0755' } }).get(hostRenamers)).renamers).toEqual([
      { kind: 'script', evidence: { path: '/etc/rc.local' } },
    ]);
  });
});
