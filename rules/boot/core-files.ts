import {
  type CoreFile,
  coreFiles,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
  reinstallPackages,
} from '../../src/rule-api.ts';

const roles: Readonly<Record<CoreFile['role'], string>> = {
  init: 'init',
  interpreter: 'the interpreter of init',
  loader: 'the dynamic loader that init needs',
  libc: 'the C library that init needs',
};

const states: Readonly<Record<Exclude<CoreFile['state'], 'good'>, string>> = {
  absent: 'is missing',
  empty: 'is empty',
  'not-a-file': 'is not a file',
  'not-executable': 'is not executable',
  foreign: 'is built for another processor than init',
};

export default defineRule({
  id: 'boot/core-files',
  title: 'init, the C library and the dynamic loader are present and can run',
  severity: 'error',
  rationale: 'The kernel panics (attempted to kill init) on every boot when one of them is missing or cannot run.',
  remediation: 'Reinstall systemd and the C library from a chroot; restore modes with the package manager.',
  fix: {
    ...reinstallPackages({ debian: 'systemd libc6' }),
    rhel: ['rpm --setperms -a'],
    suse: ['rpm --setperms -a'],
    azurelinux: ['rpm --setperms -a'],
  },
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/kernel-related-boot-issues',
    'https://github.com/torvalds/linux/blob/master/init/main.c',
  ],
  covers: ['core-system-files-intact'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { coreFiles },
  check({ coreFiles: { files, missingLinks, worldWritable, sudo, boots } }) {
    const [init] = files;
    if (!boots && init?.state === 'absent') return notApplicable('the image has neither a kernel nor init');
    const findings: FindingDraft[] = missingLinks.map((path) =>
      finding(`${path} is missing, while /usr${path} has its content`, { path }),
    );
    for (const { role, path, state, evidence } of files) {
      if (state === 'good') continue;
      // The link that is gone is the cause.
      if (state === 'absent' && missingLinks.some((link) => path.startsWith(`${link}/`))) continue;
      findings.push(finding(`${path}, ${roles[role]}, ${states[state]}`, evidence));
    }
    for (const place of worldWritable) {
      findings.push(finding(`anybody may write to ${place.path}`, place, { severity: 'warning' }));
    }
    if (sudo && !(sudo.isSetuid && sudo.isOwnedByRoot)) {
      const message = sudo.isOwnedByRoot ? 'sudo is not setuid, so it refuses to work' : 'sudo does not belong to root';
      findings.push(finding(message, sudo.evidence, { severity: 'warning' }));
    }
    return judge(
      findings,
      files.map(({ evidence }) => evidence),
    );
  },
});
