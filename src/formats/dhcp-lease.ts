import { parse } from 'ini';
import { parseDhclientConf } from './dhclient-conf.ts';

/** Address that a cached lease promises, in whichever of the formats the text is; undefined when it names none. */
export function leasedAddress(text: string): string | undefined {
  return dhclientAddress(text) ?? assignedAddress(text) ?? wickedAddress(text);
}

/** `lease { fixed-address 10.0.0.4; }` of dhclient.leases(5); the last lease is the newest. */
function dhclientAddress(text: string): string | undefined {
  if (!/^\s*lease6?\s*\{/m.test(text)) return undefined;
  return parseDhclientConf(text).statements.findLast(({ words }) => words[0]?.text === 'fixed-address')?.words[1]?.text;
}

/**
 * `ADDRESS=10.0.0.4`, as systemd (`dhcp_lease_save`) and NetworkManager write it: plain assignments without sections,
 * lists or quotes, which the `ini` package reads as their programs do. Other lines stay away from it, for it throws on
 * some, a key spelt `'null'` for one.
 */
function assignedAddress(text: string): string | undefined {
  const assignments = text.split('\n').filter((line) => /^[A-Z][A-Z0-9_]*=/.test(line));
  const address: unknown = parse(assignments.join('\n'))['ADDRESS'];
  return typeof address === 'string' && address !== '' ? address : undefined;
}

/** `<address>10.0.0.4</address>` of wicked's lease-eth0-dhcp-ipv4.xml. */
function wickedAddress(text: string): string | undefined {
  return /<address>\s*([0-9a-fA-F.:]+)/.exec(text)?.[1];
}
