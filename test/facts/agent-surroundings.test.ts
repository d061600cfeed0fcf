import { describe, expect, test } from '@jest/globals';
import { azureEndpoints } from '../../src/facts/azure-endpoints.ts';
import { proxySettings } from '../../src/facts/proxy-settings.ts';
import { startsAfter } from '../../src/facts/unit-files/start-order.ts';
import { unitFiles } from '../../src/facts/unit-files.ts';
import { imageFrom } from '../../src/testing/image.ts';
import type { Tree } from '../../src/testing/tree.ts';

describe('startsAfter', () => {
  const unit = (text: string) => `[Unit]\n${text}\n[Service]\nExecStart=/bin/true\n`;
  const order = async (units: Readonly<Record<string, string>>) => {
    const tree = Object.fromEntries(
      Object.entries(units).map(([name, text]) => [`/usr/lib/systemd/system/${name}`, unit(text)]),
    );
    return startsAfter(await imageFrom(tree).get(unitFiles), 'late.service', 'early.service');
  };

  test.each([
    ['After=', { 'late.service': 'After=a.service early.service', 'early.service': '' }],
    ['Before=', { 'late.service': '', 'early.service': 'Before=late.service' }],
    [
      'a target between',
      { 'late.service': 'After=network-online.target', 'early.service': 'Before=network-online.target' },
    ],
    [
      'a chain',
      { 'late.service': 'After=a.service', 'a.service': 'After=b.service', 'early.service': 'Before=b.service' },
    ],
    [
      'sysinit.target by default',
      { 'late.service': '', 'early.service': 'DefaultDependencies=no\nBefore=sysinit.target' },
    ],
    ['itself', { 'late.service': 'After=early.service', 'early.service': 'After=late.service' }],
  ])('by %s', async (_name, units) => {
    expect(await order(units)).toBe(true);
  });

  test.each([
    ['nothing', { 'late.service': '', 'early.service': '' }],
    ['the reverse', { 'late.service': 'Before=early.service', 'early.service': '' }],
    ['both after one target', { 'late.service': 'After=x.target', 'early.service': 'After=x.target' }],
    ['no default dependencies', { 'late.service': 'DefaultDependencies=no', 'early.service': 'Before=sysinit.target' }],
    ['Wants= alone', { 'late.service': 'Wants=early.service', 'early.service': '' }],
  ])('not by %s', async (_name, units) => {
    expect(await order(units)).toBe(false);
  });
});

describe('proxySettings', () => {
  const found = async (tree: Tree) => (await imageFrom(tree).get(proxySettings)).settings;

  test('credentials stay inside', async () => {
    const secret = 'hunter2';
    const settings = await found({
      '/usr/sbin/waagent': '',
      '/etc/waagent.conf': `HttpProxy.Host=http://u:${secret}@p\n`,
      '/etc/environment': `http_proxy="http://u:${secret}@p:1"\n`,
      '/etc/yum.conf': `proxy=http://u:${secret}@p:1\n`,
      '/etc/apt/apt.conf': `Acquire::http::Proxy "http://u:${secret}@p:1";\n`,
      '/etc/sysconfig/proxy': `PROXY_ENABLED=yes\nHTTPS_PROXY=u:${secret}@p:1\n`,
      '/etc/systemd/system.conf': `[Manager]\nDefaultEnvironment="https_proxy=http://u:${secret}@p" A=b\n`,
    });
    expect(settings).toHaveLength(6);
    expect(JSON.stringify(settings)).not.toContain(secret);
  });

  test('a value that another variable gives is left out', async () => {
    expect(
      await found({ '/etc/profile.d/p.sh': 'http_proxy="$HTTP_PROXY"\nexport https_proxy=\nno_proxy=x\n' }),
    ).toEqual([]);
  });
});

describe('azureEndpoints', () => {
  const enabled: Tree = {
    '/usr/lib/systemd/system/nftables.service': '[Install]\nWantedBy=sysinit.target\n',
    '/etc/systemd/system/sysinit.target.wants/nftables.service': { link: '/usr/lib/systemd/system/nftables.service' },
  };

  test('files that nftables includes count, also when they include each other', async () => {
    const { blocked, filters } = await imageFrom({
      ...enabled,
      '/etc/nftables.conf': 'include "/etc/nftables/*.nft"\n',
      '/etc/nftables/a.nft':
        'include "/etc/nftables.conf"\ntable ip f { chain o { type filter hook output priority 0; ip daddr 169.254.0.0/16 drop; } }\n',
    }).get(azureEndpoints);
    expect(filters).toEqual([{ path: '/etc/nftables.conf' }, { path: '/etc/nftables/a.nft' }]);
    expect(
      blocked.map(({ endpoint, port, evidence }) => [endpoint.address, port, evidence.path, evidence.line]),
    ).toEqual([['169.254.169.254', 80, '/etc/nftables/a.nft', 2]]);
  });

  test('a port of the agent’s own counts beside the port of HTTP', async () => {
    const { blocked } = await imageFrom({
      ...enabled,
      '/etc/nftables.conf': 'table ip f { chain o { type filter hook output priority 0; tcp dport 32526 drop; } }\n',
    }).get(azureEndpoints);
    expect(blocked.map(({ endpoint, port }) => [endpoint.address, port])).toEqual([['168.63.129.16', 32526]]);
  });

  test.each([
    ['/etc/systemd/network/a.network', '[Match]\nName=*\n[Route]\nDestination=168.63.129.16/32\nType=blackhole\n', 4],
    ['/etc/network/interfaces', 'iface eth0 inet dhcp\n  up ip route add unreachable 168.63.129.16\n', 2],
    ['/etc/sysconfig/network/routes', '168.63.129.16/32 - - - prohibit\n', 1],
  ])('a dead route in %s', async (path, text, line) => {
    const { blocked } = await imageFrom({ [path]: text }).get(azureEndpoints);
    expect(blocked.map(({ endpoint, evidence }) => [endpoint.address, evidence.line])).toEqual([
      ['168.63.129.16', line],
    ]);
  });

  test.each([
    ['/etc/systemd/network/a.network', '[Route]\nDestination=168.63.129.16/32\nGateway=10.0.0.1\n'],
    ['/etc/sysconfig/network-scripts/route-eth0', '168.63.129.16/32 via 10.0.0.1 # not blackhole\n'],
    ['/etc/sysconfig/network', 'NOZEROCONF=yes\n'],
    ['/etc/netplan/a.yaml', 'network: {ethernets: {eth0: {routes: [{to: 10.0.0.0/8, type: blackhole}]}}}\n'],
  ])('no dead route in %s', async (path, text) => {
    expect((await imageFrom({ [path]: text }).get(azureEndpoints)).blocked).toEqual([]);
  });
});
