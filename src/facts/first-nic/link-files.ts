import type { Evidence } from '../../engine/model.ts';
import { type NetworkdDropIn, parseNetworkd } from '../../formats/networkd.ts';
import { type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { filesByName } from './files.ts';
import { fitOfConditions, isRead, readDropIns, systemdNetworkDirectories } from './networkd.ts';
import { type Device, firstNicDevice } from './nic.ts';

/** The first interface under the name that udev leaves it with. */
export interface RenamedNic {
  readonly device: Device;
  /** The `Name=` that renames it; undefined while it keeps the kernel's name. */
  readonly evidence?: Evidence;
  readonly unread: readonly CouldNotRead[];
}

/**
 * `*.link` files of udev (link-config.c `link_load_one`, `link_get_config`): of those that fit, the first by name counts
 * alone, with its drop-ins. A `NamePolicy=` finds no name for an interface of Hyper-V, so `Name=` decides.
 */
export function renamedFirstNic(rootFs: RootFs): RenamedNic {
  const files = filesByName(rootFs, systemdNetworkDirectories, (name) => isRead(name, '.link'));
  const unread: CouldNotRead[] = files.filter(isCouldNotRead);
  for (const file of files) {
    if (isCouldNotRead(file) || file.text === '') continue;
    const { dropIns, unread: hidden } = readDropIns(rootFs, file.name);
    unread.push(...hidden);
    const link = readLink(file.text, dropIns);
    if (!link.fits) continue;
    const { name } = link;
    if (name === undefined) break;
    const path = name.path ?? file.path;
    const evidence = { path, line: name.line, text: `Name=${name.value}` };
    return { device: { ...firstNicDevice, name: name.value }, evidence, unread };
  }
  return { device: firstNicDevice, unread };
}

/** Files by which udev would have to know more than the name and the driver do not count. */
function readLink(text: string, dropIns: readonly NetworkdDropIn[]) {
  const { conditions, isRejected, linkName } = parseNetworkd(text, dropIns);
  // `Name=` is a condition of *.network files only.
  const known = conditions.filter(({ key }) => key !== 'Name');
  return { fits: !isRejected && fitOfConditions(known) === 'first-nic', name: linkName };
}
