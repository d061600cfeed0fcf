const paths = /^\/(?:|boot|boot\/efi|efi|usr|var|var\/.*|home|opt|srv|tmp|root|\.snapshots|usr\/.*)$/;

/** Whether a mount point is one of those at which file systems of an OS disk are mounted. */
export function withinOsDisk(mountPoint: string): boolean {
  return paths.test(mountPoint);
}
