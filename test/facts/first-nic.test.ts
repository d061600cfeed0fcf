import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { dhcpClients } from '../../src/facts/dhcp-clients.ts';
import { fitOfConditions } from '../../src/facts/first-nic/networkd.ts';
import { type FirstNic, firstNic } from '../../src/facts/first-nic.ts';
import { matchesSpecs, networkManager } from '../../src/facts/network-manager.ts';
import { networkServices } from '../../src/facts/network-services.ts';
import { virtualFunction } from '../../src/facts/virtual-function.ts';
import { parseNetworkd } from '../../src/formats/networkd.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { overlay, readBaseTree } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';

const roots = join(import.meta.dirname, '..', '..', 'fixtures', 'roots');

/** What services do with eth0, each in one word or with its file. */
function summary({ claims, cloudInitOff }: FirstNic): string[] {
  return [
    ...(cloudInitOff ? [] : ['cloud-init writes']),
    ...claims.map(({ stack, by, addressing, profile }) => `${stack}: ${addressing} ${profile?.path ?? by}`),
  ];
}

async function ofBase(base: string, files: Tree = {}): Promise<string[]> {
  return summary(await imageFrom(overlay(readBaseTree(roots, base), files)).get(firstNic));
}

describe('the first interface of official images', () => {
  test.each([
    ['almalinux-9', ['cloud-init writes', 'NetworkManager: dhcp automatic']],
    ['azurelinux-3', ['cloud-init writes', 'systemd-networkd: dhcp /etc/systemd/network/99-dhcp-en.network']],
    [
      'centos-7',
      [
        'cloud-init writes',
        'NetworkManager: dhcp /etc/sysconfig/network-scripts/ifcfg-eth0',
        'network-scripts: dhcp /etc/sysconfig/network-scripts/ifcfg-eth0',
      ],
    ],
    ['debian-12', ['cloud-init writes']],
    ['flatcar', ['systemd-networkd: dhcp /usr/lib/systemd/network/zz-default.network']],
    ['opensuse-leap-15', ['wicked: dhcp /etc/sysconfig/network/ifcfg-eth0']],
    ['rhel-8', ['cloud-init writes', 'NetworkManager: dhcp automatic']],
    ['rhel-9-specialized', ['cloud-init writes', 'NetworkManager: dhcp automatic']],
    ['sles-15', ['wicked: dhcp /etc/sysconfig/network/ifcfg-eth0']],
    ['ubuntu-24.04', ['cloud-init writes']],
    ['ubuntu-24.04-specialized', ['cloud-init writes']],
  ])('%s', async (base, expected) => {
    expect(await ofBase(base)).toEqual(expected);
  });
});

describe('netplan', () => {
  const off = '/etc/cloud/cloud.cfg.d/99-network.cfg';
  const withPlans = async (plans: Tree) => ofBase('ubuntu-24.04', { [off]: 'network: {config: disabled}\n', ...plans });

  test('a later file of the same id overrides scalars and adds to lists', async () => {
    expect(
      await withPlans({
        '/etc/netplan/10-a.yaml': 'network: {ethernets: {eth0: {dhcp4: true, addresses: [10.0.0.5/24]}}}\n',
        '/etc/netplan/20-b.yaml': 'network: {ethernets: {eth0: {dhcp4: false, addresses: [10.0.0.6/24]}}}\n',
      }),
    ).toEqual(['systemd-networkd: static /etc/netplan/20-b.yaml']);
  });

  test('a file of /run hides that of /etc, which hides that of /lib', async () => {
    expect(
      await withPlans({
        '/lib/netplan/a.yaml': 'network: {ethernets: {eth0: {dhcp4: true}}}\n',
        '/etc/netplan/a.yaml': 'network: {ethernets: {eth0: {addresses: [10.0.0.5/24]}}}\n',
        '/run/netplan/a.yaml': 'network: {ethernets: {eth0: {dhcp4: yes}}}\n',
      }),
    ).toEqual(['systemd-networkd: dhcp /run/netplan/a.yaml']);
  });

  test('what is for NetworkManager brings nothing up where only networkd runs', async () => {
    expect(
      await withPlans({
        '/etc/netplan/a.yaml': 'network: {renderer: NetworkManager, ethernets: {eth0: {dhcp4: true}}}\n',
      }),
    ).toEqual([]);
  });

  test('its file sorts between those of networkd', async () => {
    const plan = { '/etc/netplan/a.yaml': 'network: {ethernets: {eth0: {addresses: [10.0.0.5/24]}}}\n' };
    const dhcp = '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\n';
    expect(await withPlans({ ...plan, '/etc/systemd/network/09-a.network': dhcp })).toEqual([
      'systemd-networkd: dhcp /etc/systemd/network/09-a.network',
    ]);
    expect(await withPlans({ ...plan, '/etc/systemd/network/20-a.network': dhcp })).toEqual([
      'systemd-networkd: static /etc/netplan/a.yaml',
    ]);
  });

  test('networkd that nothing enables starts only for a definition of its own', async () => {
    const link = '/etc/systemd/system/multi-user.target.wants/systemd-networkd.service';
    const services = async (plans: Tree) => {
      const tree = overlay(readBaseTree(roots, 'ubuntu-24.04'), {
        [off]: 'network: {config: disabled}\n',
        [link]: { absent: true },
        ...plans,
      });
      return (await imageFrom(tree).get(firstNic)).services.map(({ stack }) => stack);
    };
    expect(await services({})).toEqual([]);
    expect(await services({ '/etc/netplan/a.yaml': 'network: {ethernets: {eth0: {dhcp4: true}}}\n' })).toEqual([
      'systemd-networkd',
    ]);
    expect(
      await services({
        '/etc/netplan/a.yaml': 'network: {ethernets: {eth0: {dhcp4: true}}}\n',
        '/etc/systemd/system/systemd-networkd.service': { link: '/dev/null' },
      }),
    ).toEqual([]);
  });
});

describe('systemd-networkd', () => {
  test.each([
    ['Name=eth*', 'first-nic'],
    ['Name=!eth*', 'other-interface'],
    ['Name=ens3 eth0', 'first-nic'],
    ['Name=!lo docker0', 'first-nic'],
    ['Name=eth0\nMACAddress=00:0d:3a:1b:2c:3d', 'other-machine'],
    ['Name=ens3\nMACAddress=00:0d:3a:1b:2c:3d', 'other-interface'],
    ['Type=ether', 'first-nic'],
    ['Type=!loopback dummy bridge', 'first-nic'],
    ['Type=wlan', 'other-interface'],
    ['Kind=veth', 'other-interface'],
    ['Kind=*', 'other-interface'],
    ['Kind=!*', 'first-nic'],
    ['Driver=hv_netvsc', 'first-nic'],
    ['Driver=!veth', 'first-nic'],
    ['Name=eth0\nVirtualization=container', 'other-interface'],
    ['Name=eth0\nVirtualization=microsoft', 'first-nic'],
    ['Name=eth0\nVirtualization=!container', 'first-nic'],
    ['SSID=office', 'other-interface'],
    ['Path=acpi-VMBUS*', 'undecided'],
    ['Name=ens3\nPath=acpi-VMBUS*', 'other-interface'],
    ['Name=eth*\nName=!eth0', 'other-interface'],
    ['Name=!eth0\nName=', 'undecided'],
    ['Name=!eth1\nName=eth*', 'first-nic'],
    ['Name=eth0\nVirtualization=container\nVirtualization=!container', 'first-nic'],
    ['', 'undecided'],
  ])('[Match] %j is %s', (match, expected) => {
    expect(fitOfConditions(parseNetworkd(`[Match]\n${match}\n`).conditions)).toBe(expected);
  });

  test('the first file in order of names counts, and a mask takes one away', async () => {
    const dhcp = '[Match]\nName=*\n[Network]\nDHCP=yes\n';
    const files = {
      '/usr/lib/systemd/network/10-vendor.network': '[Match]\nName=eth*\n[Network]\nAddress=10.0.0.5/24\n',
      '/etc/systemd/network/50-own.network': dhcp,
    };
    expect(await ofBase('flatcar', files)).toEqual([
      'systemd-networkd: static /usr/lib/systemd/network/10-vendor.network',
    ]);
    expect(
      await ofBase('flatcar', { ...files, '/etc/systemd/network/10-vendor.network': { link: '/dev/null' } }),
    ).toEqual(['systemd-networkd: dhcp /etc/systemd/network/50-own.network']);
  });

  test('an unmanaged first interface is nobody’s', async () => {
    expect(
      await ofBase('flatcar', { '/etc/systemd/network/00-a.network': '[Match]\nName=eth0\n[Link]\nUnmanaged=yes\n' }),
    ).toEqual([]);
  });
});

describe('drop-ins of systemd-networkd', () => {
  const main = '/usr/lib/systemd/network/10-a.network';
  const dropIn = (name: string, directory = '/etc') => `${directory}/systemd/network/10-a.network.d/${name}`;
  const withDropIns = (files: Tree, text = '[Match]\nName=eth0\n[Network]\nDHCP=no\nAddress=10.0.0.5/24\n') =>
    imageFrom(overlay(readBaseTree(roots, 'flatcar'), { [main]: text, ...files })).get(firstNic);
  const claim = async (files: Tree, text?: string) => {
    const [found] = (await withDropIns(files, text)).claims;
    return (
      found && [found.profile?.path, found.addressing, ...found.evidence.map(({ path, line }) => `${path}:${line}`)]
    );
  };

  test('the last of them decides, in the order of their names and whatever their directory', async () => {
    expect(
      await claim({
        [dropIn('20-on.conf', '/usr/lib')]: '[Network]\nDHCP=yes\n',
        [dropIn('10-off.conf')]: '[Network]\nDHCP=no\n',
      }),
    ).toEqual([main, 'dhcp', `${dropIn('20-on.conf', '/usr/lib')}:2`]);
  });

  test.each<[string, Tree, string]>([
    [
      'a value that systemd does not know leaves the one before',
      { [dropIn('a.conf')]: '[Network]\nDHCP=IPv4\n' },
      'static',
    ],
    ['an empty address takes all away', { [dropIn('a.conf')]: '[Network]\nAddress=\n' }, 'none'],
    ['another ending is not read', { [dropIn('a.config')]: '[Network]\nDHCP=yes\n' }, 'static'],
    [
      '/etc hides the same name of /usr/lib',
      { [dropIn('a.conf', '/usr/lib')]: '[Network]\nDHCP=yes\n', [dropIn('a.conf')]: '# nothing\n' },
      'static',
    ],
    [
      'so does a link to /dev/null',
      { [dropIn('a.conf', '/usr/lib')]: '[Network]\nDHCP=yes\n', [dropIn('a.conf')]: { link: '/dev/null' } },
      'static',
    ],
    [
      '/run before /usr/local/lib before /usr/lib',
      {
        [dropIn('a.conf', '/usr/lib')]: '[Network]\nDHCP=no\n',
        [dropIn('a.conf', '/usr/local/lib')]: '[Network]\nAddress=\n',
        [dropIn('a.conf', '/run')]: '[Network]\nDHCP=yes\n',
      },
      'dhcp',
    ],
  ])('%s', async (_name, files, addressing) => {
    expect((await claim(files))?.slice(0, 2)).toEqual([main, addressing]);
  });

  test('a section that is not closed loses the file with its drop-ins', async () => {
    expect((await claim({ [dropIn('a.conf')]: '[Network\nDHCP=yes\n' }))?.[0]).toBe(
      '/usr/lib/systemd/network/zz-default.network',
    );
  });

  test('without the file, or with an empty one, they mean nothing', async () => {
    expect((await claim({ [dropIn('a.conf')]: '[Match]\nName=eth0\n[Network]\nAddress=10.0.0.9/24\n' }, ''))?.[0]).toBe(
      '/usr/lib/systemd/network/zz-default.network',
    );
  });

  test('one that cannot be read leaves open what the file says', async () => {
    const { claims, unread } = await withDropIns({ [dropIn('a.conf')]: { unreadable: 'permission denied' } });
    expect(unread.map(({ path }) => path)).toEqual([dropIn('a.conf')]);
    expect(claims.map(({ profile }) => profile?.path)).toEqual(['/usr/lib/systemd/network/zz-default.network']);
  });

  test.each([
    ['DHCP=no', 'none'],
    ['Address=10.0.0.9/24\nDHCP=no', 'static'],
    ['Address=10.0.0.9/24', 'dhcp'],
  ])('of the file that netplan writes: %j leaves %s', async (setting, addressing) => {
    const path = '/etc/systemd/network/10-netplan-eth0.network.d/own.conf';
    const { claims } = await imageFrom(
      overlay(readBaseTree(roots, 'ubuntu-24.04'), {
        '/etc/cloud/cloud.cfg.d/99-network.cfg': 'network: {config: disabled}\n',
        '/etc/netplan/a.yaml': 'network: {ethernets: {eth0: {dhcp4: true}}}\n',
        [path]: `[Network]\n${setting}\n`,
      }),
    ).get(firstNic);
    expect(claims.map((found) => found.addressing)).toEqual([addressing]);
    expect(claims[0]?.evidence[0]?.path).toBe(addressing === 'dhcp' ? '/etc/netplan/a.yaml' : path);
  });

  test('they also decide about the virtual function', async () => {
    const files: Tree = {
      '/usr/lib/systemd/network/01-vf.network': '[Match]\nDriver=mlx4_en mlx5_core\n[Network]\nDHCP=yes\n',
      '/etc/systemd/network/01-vf.network.d/own.conf': '[Link]\nUnmanaged=yes\n',
    };
    const { takenByNetworkd, leftByNetworkd } = await imageFrom(overlay(readBaseTree(roots, 'flatcar'), files)).get(
      virtualFunction,
    );
    expect([takenByNetworkd, leftByNetworkd.length]).toEqual([undefined, 1]);
  });
});

describe('link files of udev', () => {
  const lan = '[Match]\nDriver=hv_netvsc\n[Link]\nName=lan0\n';

  test.each<[string, Tree, string | undefined]>([
    ['one that fits renames', { '10-a.link': lan }, 'Name=lan0'],
    [
      'the first by name counts',
      { '10-a.link': '[Match]\nOriginalName=*\n[Link]\nNamePolicy=kernel\n', '20-b.link': lan },
      undefined,
    ],
    [
      'a hardware address is that of another machine',
      { '10-a.link': '[Match]\nMACAddress=00:15:5d:01:02:03\n[Link]\nName=lan0\n' },
      undefined,
    ],
    ['without a condition it does not count', { '10-a.link': '[Link]\nName=lan0\n' }, undefined],
    ['Name= is no condition of a link file', { '10-a.link': `${lan}[Match]\nName=ens3\n` }, 'Name=lan0'],
    ['a drop-in has the last word', { '10-a.link': lan, '10-a.link.d/a.conf': '[Link]\nName=wan0\n' }, 'Name=wan0'],
    ['a drop-in narrows', { '10-a.link': lan, '10-a.link.d/a.conf': '[Match]\nOriginalName=ens*\n' }, undefined],
    ['an empty file does not count, nor do its drop-ins', { '10-a.link': '', '10-a.link.d/a.conf': lan }, undefined],
  ])('%s', async (_name, files, expected) => {
    const placed = Object.entries(files).map(([name, entry]) => [`/etc/systemd/network/${name}`, entry]);
    const image = imageFrom(overlay(readBaseTree(roots, 'azurelinux-3'), Object.fromEntries(placed)));
    expect((await image.get(firstNic)).renaming?.text).toBe(expected);
  });
});

describe('NetworkManager', () => {
  const eth0 = { name: 'eth0', type: 'ethernet', driver: 'hv_netvsc' };

  test.each([
    ['*', true],
    ['interface-name:eth*', true],
    ['interface-name:=eth*', false],
    ['interface-name:~eth?', true],
    ['type:wifi', false],
    ['type:ethernet,except:interface-name:eth0', false],
    ['except:interface-name:eth1', true],
    ['*,except:type:wifi,except:type:gsm', true],
    ['driver:mlx4_core;driver:mlx5_core', false],
    ['driver:hv_netvsc', true],
    ['mac:00:0d:3a:1b:2c:3d', false],
    ['eth0', true],
    ['', false],
  ])('%j matches eth0: %s', (specs, expected) => {
    expect(matchesSpecs(specs, eth0)).toBe(expected);
  });

  test('merges in the order of nm-config.c, adding and taking away', async () => {
    const config = await imageFrom({
      '/usr/lib/NetworkManager/conf.d/90-vendor.conf': '[keyfile]\nunmanaged-devices=type:ethernet\n',
      '/usr/lib/NetworkManager/conf.d/10-hidden.conf': '[main]\nno-auto-default=*\n',
      '/etc/NetworkManager/conf.d/10-hidden.conf': '',
      '/etc/NetworkManager/NetworkManager.conf': '[keyfile]\nunmanaged-devices=type:wifi\n',
      '/etc/NetworkManager/conf.d/20-a.conf': '[keyfile]\nunmanaged-devices+=driver:mlx5_core\n',
      '/etc/NetworkManager/conf.d/30-b.conf': '[keyfile]\nunmanaged-devices-=type:wifi\n',
      '/etc/NetworkManager/conf.d/40-c.conf': '[.config]\nenable=false\n[main]\nno-auto-default=*\n',
      '/etc/NetworkManager/conf.d/50-d.conf': '[device-x]\nmatch-device=interface-name:eth1\nmanaged=0\n',
    }).get(networkManager);
    expect(config.get('keyfile', 'unmanaged-devices')?.value).toBe('driver:mlx5_core');
    expect(config.noAutomaticConnection(eth0)).toBeUndefined();
    expect(config.unmanagedBy(eth0)).toBeUndefined();
    expect(config.unmanagedBy({ ...eth0, name: 'eth1' })?.evidence[0]?.path).toBe(
      '/etc/NetworkManager/conf.d/50-d.conf',
    );
    expect(config.unmanagedBy({ ...eth0, driver: 'mlx5_core' })?.evidence).toHaveLength(3);
  });

  const off: Tree = { '/etc/cloud/cloud-init.disabled': '' };
  const keyfile = (text: string) => ({ mode: '0600', text });

  test.each([
    ['a profile for eth0', '[connection]\ntype=ethernet\ninterface-name=eth0\n[ipv4]\nmethod=auto\n', 'dhcp'],
    ['no method but addresses is unusual, and not judged', '[connection]\ntype=ethernet\n', 'dhcp'],
    ['a manual one', '[connection]\ntype=ethernet\n[ipv4]\nmethod=manual\naddress1=10.0.0.5/24\n', 'static'],
    ['one that does not connect by itself', '[connection]\ntype=ethernet\nautoconnect=false\n', 'none'],
    ['version 4 switched off', '[connection]\ntype=ethernet\n[ipv4]\nmethod=disabled\n', 'none'],
  ])('%s', async (_name, text, addressing) => {
    const path = '/etc/NetworkManager/system-connections/a.nmconnection';
    expect(await ofBase('rhel-9', { ...off, [path]: keyfile(text) })).toEqual([
      `NetworkManager: ${addressing} ${path}`,
    ]);
  });

  test.each([
    ['of another interface', keyfile('[connection]\ntype=ethernet\ninterface-name=eth*\n')],
    ['of one hardware address', keyfile('[connection]\ntype=ethernet\n[ethernet]\nmac-address=00:0d:3a:1b:2c:3d\n')],
    ['of a pattern that does not fit', keyfile('[connection]\ntype=ethernet\n[match]\ninterface-name=ens*;\n')],
    ['that it refuses', '[connection]\ntype=ethernet\nautoconnect=false\n'],
    ['of a wireless network', keyfile('[connection]\ntype=wifi\n')],
  ])('a profile %s leaves the automatic connection', async (_name, entry) => {
    const path = '/etc/NetworkManager/system-connections/a.nmconnection';
    expect(await ofBase('rhel-9', { ...off, [path]: entry })).toEqual(['NetworkManager: dhcp automatic']);
  });

  test('EL 10 and Fedora 36 read no ifcfg files', async () => {
    const release = (text: string): Tree => ({
      '/usr/lib/os-release': text,
      '/usr/lib64/NetworkManager': { absent: true },
      '/etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE=eth0\nONBOOT=no\n',
      ...off,
    });
    const el = (version: string) => ofBase('rhel-9', release(`ID=rhel\nVERSION_ID="${version}"\n`));
    expect(await el('9.6')).toEqual(['NetworkManager: none /etc/sysconfig/network-scripts/ifcfg-eth0']);
    expect(await el('10.0')).toEqual(['NetworkManager: dhcp automatic']);
    expect(await ofBase('rhel-9', release('ID=fedora\nVERSION_ID=36\n'))).toEqual(['NetworkManager: dhcp automatic']);
  });
});

describe('services', () => {
  test('network.service with a unit file is another name, not the script of the RHEL family', async () => {
    const tree = readBaseTree(roots, 'sles-15');
    const { services } = await imageFrom(tree).get(networkServices);
    expect(services.map(({ stack, starts }) => `${stack} ${starts}`)).toEqual(['wicked always']);
  });

  test('the socket starts networkd as well', async () => {
    const unit = '/usr/lib/systemd/system/systemd-networkd';
    const { services } = await imageFrom({
      [`${unit}.service`]: '[Service]\nExecStart=/x\n',
      [`${unit}.socket`]: '[Socket]\nListenNetlink=route 1361\n[Install]\nWantedBy=sockets.target\n',
      '/etc/systemd/system/sockets.target.wants/systemd-networkd.socket': { link: `${unit}.socket` },
    }).get(networkServices);
    expect(services.map(({ stack, starts }) => `${stack} ${starts}`)).toEqual(['systemd-networkd always']);
  });
});

describe('dhcp clients', () => {
  test('a timeout counts where the client would use it', async () => {
    const { timeouts } = await imageFrom({
      '/etc/dhcp/dhclient.conf': 'timeout 60;\ninterface "eth0" { timeout 20; }\ninterface "eth1" { timeout 10; }\n',
      '/etc/dhclient.conf': 'timeout 5;\n',
      '/etc/dhcpcd.conf': 'timeout 30\ntimeout 40\ninterface eth1\ntimeout 1\n',
      '/etc/NetworkManager/NetworkManager.conf': '[connection-eth]\nipv4.dhcp-timeout=0\n',
    }).get(dhcpClients);
    expect(timeouts.map(({ program, seconds }) => `${program} ${seconds}`)).toEqual([
      'dhclient 60',
      'dhclient 20',
      'dhcpcd 40',
    ]);
  });
});

describe('the virtual function', () => {
  test.each([
    ['a default for every interface takes it', '[Match]\nName=*\n[Network]\nDHCP=yes\n', true],
    ['one for the driver of the first interface does not', '[Match]\nDriver=hv_netvsc\n[Network]\nDHCP=yes\n', false],
    ['one for eth0 does not', '[Match]\nName=eth0\n[Network]\nDHCP=yes\n', false],
    ['with net.ifnames=0 it is eth1', '[Match]\nName=eth*\n[Network]\nDHCP=yes\n', true],
  ])('%s', async (_name, text, taken) => {
    const found = await imageFrom({ '/etc/systemd/network/a.network': text }).get(virtualFunction);
    expect(found.takenByNetworkd !== undefined).toBe(taken);
  });
});
