import { type FixByFamily, ofFamily, steps } from './fix.ts';
import type { Family } from './model.ts';

/** Name of a package, or several with blanks between; by family where the families name it otherwise. */
export type PackageNames = string | Readonly<Partial<Record<Family, string>>>;

type Action = 'install' | 'reinstall' | 'update' | 'remove';

/** Families whose images have a package manager that we can name. */
const managers: Readonly<Partial<Record<Family, Readonly<Record<Action, string>>>>> = {
  // Enterprise Linux 7 has no dnf, and every later release still answers to yum.
  rhel: {
    install: 'yum -y install',
    reinstall: 'yum -y reinstall',
    update: 'yum -y update',
    remove: 'yum -y remove',
  },
  debian: {
    install: 'apt-get -y install',
    reinstall: 'apt-get -y install --reinstall',
    update: 'apt-get -y install --only-upgrade',
    remove: 'apt-get -y purge',
  },
  suse: {
    install: 'zypper -n install',
    reinstall: 'zypper -n install --force',
    update: 'zypper -n update',
    remove: 'zypper -n remove',
  },
  azurelinux: {
    install: 'tdnf -y install',
    reinstall: 'tdnf -y reinstall',
    update: 'tdnf -y update',
    remove: 'tdnf -y remove',
  },
};

function withPackages(action: Action, names: PackageNames): FixByFamily {
  const byFamily =
    typeof names === 'string' ? Object.fromEntries(Object.keys(managers).map((key) => [key, names])) : names;
  return Object.fromEntries(
    // Keys of a record over `Family`.
    (Object.entries(byFamily) as [Family, string][]).map(([family, wanted]) => [
      family,
      [`${ofFamily(managers, family)?.[action]} ${wanted}`],
    ]),
  );
}

export const installPackages = (names: PackageNames): FixByFamily => withPackages('install', names);
export const reinstallPackages = (names: PackageNames): FixByFamily => withPackages('reinstall', names);
export const updatePackages = (names: PackageNames): FixByFamily => withPackages('update', names);
export const removePackages = (names: PackageNames): FixByFamily => withPackages('remove', names);

/** The Azure Linux agent. */
export const agentPackage = {
  rhel: 'WALinuxAgent',
  debian: 'waagent',
  ubuntu: 'walinuxagent',
  suse: 'python-azure-agent',
  azurelinux: 'WALinuxAgent',
} as const;

export const updateAgent: FixByFamily = updatePackages(agentPackage);

/** The kernel with all modules that a virtual machine on Azure may want. */
export const kernelPackage = {
  rhel: 'kernel-core kernel-modules',
  debian: '"linux-image-cloud-$(dpkg --print-architecture)"',
  ubuntu: 'linux-azure',
  suse: 'kernel-default',
  azurelinux: 'kernel',
} as const;

/** Lets a unit start at boot; families that name it otherwise are given apart. */
export function enableUnit(unit: string, others: Readonly<Partial<Record<Family, string>>> = {}): FixByFamily {
  const line = (name: string) => [`systemctl --root=/ enable ${name}`];
  const apart = Object.entries(others).map(([family, name]) => [family, line(name)] as const);
  return { ...Object.fromEntries(apart), default: line(unit) };
}

/** Writes grub.cfg anew from /etc/default/grub. Flatcar's is part of its read-only system. */
export const regenerateGrubMenu: FixByFamily = {
  rhel: ['grub2-mkconfig -o /boot/grub2/grub.cfg'],
  suse: ['grub2-mkconfig -o /boot/grub2/grub.cfg'],
  azurelinux: ['grub2-mkconfig -o /boot/grub2/grub.cfg'],
  debian: ['update-grub'],
  flatcar: [],
  default: ['grub-mkconfig -o /boot/grub/grub.cfg'],
};

/** Adds parameters to the command line of all kernels. */
export function addKernelArguments(parameters: string): FixByFamily {
  const inDefaults = `sed -i 's#^GRUB_CMDLINE_LINUX="#&${parameters} #' /etc/default/grub`;
  const elsewhere = steps(inDefaults, regenerateGrubMenu);
  return {
    ...elsewhere,
    rhel: [`grubby --update-kernel=ALL --args='${parameters}'`],
    // A later file of grub.d would replace what stands in /etc/default/grub.
    debian: [
      `echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ${parameters}"' >> /etc/default/grub.d/90-azure.cfg`,
      'update-grub',
    ],
    flatcar: [`echo 'set linux_append="$linux_append ${parameters}"' >> /usr/share/oem/grub.cfg`],
  };
}

/** Takes parameters away from the command line of all kernels; one without `=` goes whatever its value. */
export function removeKernelArguments(parameters: string): FixByFamily {
  const words = parameters.replaceAll('.', '\\.').replaceAll(' ', '|');
  // Again and again, as two neighbours share the blank between them.
  const edit = (lines: string, files: string) =>
    `sed -i -E ':a; ${lines}s#([ "])(${words})(=[^ "]*)?([ "])#\\1\\4#; ta' ${files}`;
  return {
    ...steps(edit('/^GRUB_CMDLINE_LINUX/', '/etc/default/grub'), regenerateGrubMenu),
    rhel: [`grubby --update-kernel=ALL --remove-args='${parameters}'`],
    debian: [edit('/^GRUB_CMDLINE_LINUX/', '/etc/default/grub /etc/default/grub.d/*.cfg'), 'update-grub'],
    flatcar: [edit('/linux_append/', '/usr/share/oem/grub.cfg')],
  };
}

/** Builds the initramfs of every kernel anew. Flatcar's is part of its read-only system. */
export const rebuildInitramfs: FixByFamily = {
  rhel: ['dracut -f --regenerate-all'],
  suse: ['dracut -f --regenerate-all'],
  azurelinux: ['dracut -f --regenerate-all'],
  debian: ['update-initramfs -u -k all'],
};

/** Puts drivers into every later initramfs, by a file of this name where the generator reads a folder. */
export function addInitramfsDrivers(drivers: string, fileName: string): FixByFamily {
  const dracut = [`echo 'add_drivers+=" ${drivers} "' > /etc/dracut.conf.d/${fileName}.conf`];
  const debian = [`printf '%s\\n' ${drivers} >> /etc/initramfs-tools/modules`];
  return { rhel: dracut, suse: dracut, azurelinux: dracut, debian };
}
