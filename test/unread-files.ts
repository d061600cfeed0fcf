/**
 * Rules whose verdict may become another one when a file cannot be read, each with the reason. For all others, reading
 * less may turn a verdict into `unknown` only: the file might say what the rule looks for.
 */
const exceptions: readonly { readonly ruleId: string; readonly path: RegExp; readonly reason: string }[] = [
  {
    ruleId: 'agent/presence',
    path: /^\/oem\/sysext$/,
    reason: 'As where the OEM partition is not part of the target: Flatcar brings its agent there and nowhere else.',
  },
  {
    ruleId: 'boot/initramfs-network-drivers',
    path: /^\/boot\/init/,
    reason: 'It leaves an initramfs that cannot be opened to boot/initramfs-storage-drivers, which is unknown then.',
  },
  {
    ruleId: 'generalization/hostname',
    path: /^\/(?:etc|usr\/lib)\/os-release$/,
    reason: 'Only the id of the distribution is missing from the names that tell no machine from another.',
  },
  {
    ruleId: 'generalization/logs-and-caches',
    path: /^\/root\/anaconda-ks\.cfg$/,
    reason: 'The file is left whatever it says; its text only decides which of two rules names it.',
  },
];

export function mayDiffer(ruleId: string, path: string): boolean {
  return exceptions.some((exception) => exception.ruleId === ruleId && exception.path.test(path));
}
