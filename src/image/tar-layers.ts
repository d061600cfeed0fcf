import { DiskError } from '../disk/disk-error.ts';

const advice =
  'export the files instead: docker create IMAGE, then docker export CONTAINER, which writes all layers as one root';

/**
 * An archive that `docker save` or an OCI tool wrote: its layers are archives inside of it.
 *
 * @param names What stands at the top of the archive.
 */
export function refuseContainerImage(names: ReadonlySet<string>): void {
  const isOci = names.has('oci-layout') && names.has('index.json');
  const isDocker = names.has('manifest.json') && (names.has('repositories') || names.has('blobs'));
  if (isOci || isDocker)
    throw new DiskError(
      'unsupported',
      'tar archive',
      `is a container image (${isOci ? 'OCI layout' : 'docker save'}), not a root`,
      undefined,
      advice,
    );
}

/** Where container engines of the image itself keep layers, which may hold such names by right. */
const ownLayers = /^var\/lib\/(docker|containers|containerd|buildah|kubelet)\//;

/**
 * A name by which a layer deletes what the layers below it have (OCI image specification, "Whiteouts").
 *
 * @param path Without a slash in front.
 */
export function refuseWhiteout(path: string, offset: number): void {
  if (!path.includes('.wh.') || !/(^|\/)\.wh\.[^/]+$/.test(path) || ownLayers.test(path)) return;
  throw new DiskError(
    'unsupported',
    'tar archive',
    `is one layer of a container image: ${JSON.stringify(path)} deletes files of the layers below`,
    offset,
    advice,
  );
}
