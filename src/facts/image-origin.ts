import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';

/** What shows how the image came about. */
export interface ImageOrigin {
  /** Files that only the builders of the distributions' cloud images write. */
  readonly cloudImage: readonly Evidence[];
  /** Files that only an installer writes, from a disc or over the network. */
  readonly installer: readonly Evidence[];
}

const ofCloudImages = [
  '/etc/cloud/build.info',
  '/etc/default/grub.d/50-cloudimg-settings.cfg',
  '/etc/cloud/cloud.cfg.d/10_azure.cfg',
  '/etc/default/grub.d/15_timeout.cfg',
  '/etc/image-id',
];
const ofInstallers = [
  '/var/log/installer',
  '/etc/netplan/00-installer-config.yaml',
  '/etc/netplan/00-installer-config-wifi.yaml',
];

export const imageOrigin = defineFact<ImageOrigin>({
  id: 'image-origin',
  description: 'Files by which an official cloud image of Ubuntu or Debian and an installed system can be told apart.',
  reads: [...ofCloudImages, ...ofInstallers],
  compute: ({ rootFs }) => ({
    cloudImage: present(rootFs, ofCloudImages),
    installer: present(rootFs, ofInstallers),
  }),
});

function present(rootFs: RootFs, paths: readonly string[]): readonly Evidence[] {
  return paths.filter((path) => rootFs.stat(path) !== undefined).map((path) => ({ path }));
}
