import { describe, expect, test } from '@jest/globals';
import { parseIfcfg } from '../../src/formats/ifcfg.ts';
import { parseInterfaces, readInterfaceStanzas } from '../../src/formats/ifupdown.ts';
import type { InterfaceProfile } from '../../src/formats/interface-profile.ts';
import { parseNetplan } from '../../src/formats/netplan.ts';
import { parseKeyfile, readConnectionProfile } from '../../src/formats/network-manager-keyfile.ts';
import { parseNetworkd } from '../../src/formats/networkd.ts';

/** What a profile says beyond names and addresses, each list as its values in one line. */
function rest(profile: InterfaceProfile | undefined): string | undefined {
  if (profile === undefined) return undefined;
  const list = (values: readonly { value: string }[]) => values.map(({ value }) => value).join(',');
  const { drivers, givenHardwareAddresses: given, gateways, routes, nameServers } = profile;
  return `drivers=${list(drivers)} given=${list(given)} gateways=${list(gateways)} routes=${list(routes)} dns=${list(nameServers)}`;
}

describe('gateways, routes, name servers, drivers and given addresses', () => {
  test.each([
    [
      'GATEWAY=10.0.0.1\nDNS1=1.1.1.1\nDNS2=\nMACADDR=52:54:00:12:34:56\nPEERDNS=yes\n',
      'drivers= given=52:54:00:12:34:56 gateways=10.0.0.1 routes= dns=1.1.1.1',
    ],
    ["LLADDR='52:54:00:12:34:56'\n", 'drivers= given=52:54:00:12:34:56 gateways= routes= dns='],
    ['MACADDR=preserve\nGATEWAYDEV=eth0\n', 'drivers= given= gateways= routes= dns='],
  ])('ifcfg %j', (text, expected) => {
    expect(rest(parseIfcfg(text, 'eth0').profile)).toBe(expected);
  });

  test.each([
    [
      '[connection]\ntype=ethernet\n[ethernet]\ncloned-mac-address=52:54:00:12:34:56\n[match]\ndriver=hv_netvsc;mlx*;\n[ipv4]\naddress1=10.0.0.5/24,10.0.0.1\nroute1=10.9.0.0/16,10.0.0.1\nroute2=0.0.0.0/0,10.0.0.2\ndns=1.1.1.1;8.8.8.8;\n',
      'drivers=hv_netvsc,mlx* given=52:54:00:12:34:56 gateways=10.0.0.1,10.0.0.2 routes=10.9.0.0/16 dns=1.1.1.1,8.8.8.8',
    ],
    [
      '[connection]\ntype=ethernet\n[ethernet]\ncloned-mac-address=stable\n[ipv6]\ngateway=fe80::1\ndns-search=x\n',
      'drivers= given= gateways=fe80::1 routes= dns=',
    ],
  ])('key file %j', (text, expected) => {
    expect(rest(readConnectionProfile(parseKeyfile(text)))).toBe(expected);
  });

  test.each([
    [
      '[Match]\nDriver=hv_netvsc\n[Link]\nMACAddress=52:54:00:12:34:56\n[Network]\nGateway=10.0.0.1\nGateway=_dhcp4\nDNS=1.1.1.1 8.8.8.8\n',
      'drivers=hv_netvsc given=52:54:00:12:34:56 gateways=10.0.0.1 routes= dns=1.1.1.1,8.8.8.8',
    ],
    [
      '[Route]\nDestination=0.0.0.0/0\nGateway=10.0.0.1\n[Route]\nGateway=10.0.0.2\nDestination=10.9.0.0/16\n[Route]\nGateway=10.0.0.3\n',
      'drivers= given= gateways=10.0.0.1,10.0.0.3 routes=10.9.0.0/16 dns=',
    ],
  ])('networkd %j', (text, expected) => {
    expect(rest(parseNetworkd(text).profile)).toBe(expected);
  });

  test.each([
    ['yes', true],
    ['ipv4', true],
    ['ipv6', false],
    ['no', false],
  ])('networkd: DHCP=%s asks for version 4: %s', (value, expected) => {
    expect(parseNetworkd(`[Network]\nDHCP=${value}\n`).dhcp4).toBe(expected);
  });

  test('interfaces(5)', () => {
    const file = parseInterfaces(
      'iface eth0 inet static\n  address 10.0.0.5\n  gateway 10.0.0.1\n  hwaddress ether 52:54:00:12:34:56\n  dns-nameservers 1.1.1.1 8.8.8.8\niface eth1 inet dhcp\n  hwaddress random\n',
    );
    expect(readInterfaceStanzas(file).map(rest)).toEqual([
      'drivers= given=52:54:00:12:34:56 gateways=10.0.0.1 routes= dns=1.1.1.1,8.8.8.8',
      'drivers= given= gateways= routes= dns=',
    ]);
  });

  test('netplan, with renderers of the definition, of its kind and of the file', () => {
    const { devices, renderer } = parseNetplan(
      'network:\n  renderer: networkd\n  ethernets:\n    renderer: NetworkManager\n    a: {renderer: networkd, set-name: eth0, macaddress: "52:54:00:12:34:56", match: {driver: [hv_netvsc]}}\n    b:\n      dhcp4: off\n      gateway4: 10.0.0.1\n      nameservers: {addresses: [1.1.1.1]}\n      routes: [{to: 10.9.0.0/16, via: 10.0.0.1}, {to: default, via: 10.0.0.2}]\n',
    );
    expect(renderer?.value).toBe('networkd');
    expect(devices.map((device) => [device.renderer?.value, device.setName?.value, device.dhcp4])).toEqual([
      ['networkd', 'eth0', undefined],
      ['NetworkManager', undefined, false],
    ]);
    expect(devices.map(({ profile }) => rest(profile))).toEqual([
      'drivers=hv_netvsc given=52:54:00:12:34:56 gateways= routes= dns=',
      'drivers= given= gateways=10.0.0.1,10.0.0.2 routes=10.9.0.0/16 dns=1.1.1.1',
    ]);
  });
});
