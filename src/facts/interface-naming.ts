import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseIfcfg } from '../formats/ifcfg.ts';
import type { RootFs } from '../image/root-fs.ts';

/** What keeps eth0 its name, and what counts on it. */
export interface InterfaceNaming {
  /** Files that switch the renaming by udev off. */
  readonly masks: readonly Evidence[];
  /** Configuration of an interface eth0 in the network scripts of Red Hat. */
  readonly configured: readonly Evidence[];
}

/** Rules and link files of udev that rename, hidden by an empty file or a link to /dev/null of the same name. */
const RENAMING = [
  '/etc/systemd/network/99-default.link',
  '/etc/udev/rules.d/80-net-name-slot.rules',
  '/etc/udev/rules.d/80-net-setup-link.rules',
] as const;
const IFCFG = '/etc/sysconfig/network-scripts/ifcfg-eth0';

/** Whether udev may rename the first interface, and whether configuration names it eth0. */
export const interfaceNaming = defineFact<InterfaceNaming>({
  id: 'interface-naming',
  description: 'Masks of the rules that rename interfaces, and configuration that names eth0.',
  reads: [...RENAMING, IFCFG],
  compute({ rootFs }) {
    const text = rootFs.readText(IFCFG);
    const isForEth0 =
      text !== undefined && parseIfcfg(text, 'eth0').profile.names.some(({ value }) => value === 'eth0');
    return {
      masks: RENAMING.flatMap((path) => maskAt(rootFs, path)),
      configured: isForEth0 ? [{ path: IFCFG }] : [],
    };
  },
});

function maskAt(rootFs: RootFs, path: string): Evidence[] {
  if (rootFs.readLink(path) === '/dev/null') return [{ path, text: '-> /dev/null' }];
  const status = rootFs.stat(path);
  return status?.type === 'file' && status.size === 0 ? [{ path }] : [];
}
