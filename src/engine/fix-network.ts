import type { FixByFamily } from './fix.ts';

/** Lets the usual network service of each family bring up eth0 with DHCP. */
export const useDhcp: FixByFamily = {
  rhel: [
    "sed -i -E '/^(HWADDR|MACADDR)=/d; s/^ONBOOT=.*/ONBOOT=yes/; s/^BOOTPROTO=.*/BOOTPROTO=dhcp/' /etc/sysconfig/network-scripts/ifcfg-eth0",
  ],
  suse: ["printf \"BOOTPROTO='dhcp'\\nSTARTMODE='auto'\\n\" > /etc/sysconfig/network/ifcfg-eth0"],
  debian: ["printf 'auto eth0\\niface eth0 inet dhcp\\n' > /etc/network/interfaces.d/eth0"],
  ubuntu: [
    "printf 'network:\\n  version: 2\\n  ethernets:\\n    eth0:\\n      dhcp4: true\\n' > /etc/netplan/90-azure.yaml",
  ],
  azurelinux: ["printf '[Match]\\nName=eth0\\n[Network]\\nDHCP=yes\\n' > /etc/systemd/network/10-eth0.network"],
};

/** Takes fixed addresses, gateways, routes and name servers out of the usual configuration of each family. */
export const dropFixedAddresses: FixByFamily = {
  rhel: [
    "sed -i -E '/^(IPADDR|NETMASK|PREFIX|GATEWAY|DNS)[0-9]*=/d; s/^BOOTPROTO=.*/BOOTPROTO=dhcp/' /etc/sysconfig/network-scripts/ifcfg-eth0",
  ],
  suse: [
    "sed -i -E '/^(IPADDR|NETMASK|PREFIXLEN)/d; s/^BOOTPROTO=.*/BOOTPROTO=dhcp/' /etc/sysconfig/network/ifcfg-eth0",
    'rm -f /etc/sysconfig/network/routes',
  ],
  debian: [
    "sed -i -E '/^[[:space:]]*(address|netmask|gateway|dns-)/d; s/^(iface eth0 inet) static/\\1 dhcp/' /etc/network/interfaces",
  ],
  ubuntu: ["grep -lE 'addresses|gateway4|routes' /etc/netplan/*.yaml   # delete these keys and set dhcp4: true"],
  azurelinux: ["sed -i -E '/^(Address|Gateway|DNS)=/d; s/^DHCP=.*/DHCP=yes/' /etc/systemd/network/*.network"],
};
