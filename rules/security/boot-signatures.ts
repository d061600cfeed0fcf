import {
  bootSignatures,
  defineRule,
  type FindingDraft,
  finding,
  installPackages,
  judge,
  notApplicable,
  type SignedProgram,
} from '../../src/rule-api.ts';

const microsoft = /^Microsoft (?:Corporation )?(?:UEFI CA|Windows Production PCA|Windows UEFI)|^Windows UEFI CA/;

const names: Readonly<Record<SignedProgram['kind'], string>> = {
  shim: 'shim in',
  grub: 'GRUB in',
  'systemd-boot': 'systemd-boot in',
  'unified-kernel': 'the unified kernel',
  other: 'the loader',
  kernel: 'the kernel',
};

function judgeProgram(program: SignedProgram, trusted: readonly string[]): FindingDraft[] {
  const { path, stage, kind, signatures, hasSbat } = program;
  const place = { path };
  const what = names[kind];
  if (signatures.length === 0) return [finding(`${what} ${path} has no signature`, place, { subject: 'unsigned' })];
  const authorities = signatures.map(({ issuer }) => issuer ?? 'an unnamed authority');
  const isMicrosofts = authorities.some((name) => microsoft.test(name));
  if (stage === 'first' && !isMicrosofts) {
    const message = `the firmware knows keys of Microsoft only, and ${what} ${path} is signed by ${authorities.join(' and ')}`;
    return [finding(message, place, { subject: 'authority', ...(kind !== 'grub' && { severity: 'warning' }) })];
  }
  const isTrusted = signatures.some(
    ({ signer = '', issuer = '' }) => trusted.includes(signer) || trusted.includes(issuer),
  );
  if (stage !== 'first' && trusted.length > 0 && !isTrusted && !isMicrosofts) {
    const message = `shim trusts ${trusted.join(', ')}, and ${what} ${path} is signed by ${authorities.join(' and ')}`;
    return [finding(message, place, { severity: 'warning', subject: 'authority' })];
  }
  if ((kind === 'shim' || kind === 'grub') && !hasSbat)
    return [
      finding(`${what} ${path} has no SBAT section, by which newer firmware tells revoked versions`, place, {
        severity: 'warning',
        subject: 'sbat',
      }),
    ];
  return [];
}

export default defineRule({
  id: 'security/boot-signatures',
  title: 'shim, boot loader and kernel are signed',
  severity: 'error',
  rationale: 'With Secure Boot an unsigned program stops the first boot in the firmware or in shim.',
  remediation: 'Install the signed packages of shim, GRUB and the kernel, and copy shim to EFI/BOOT.',
  fix: installPackages({
    rhel: 'shim-x64 grub2-efi-x64',
    debian: 'shim-signed grub-efi-amd64-signed linux-image-amd64',
    ubuntu: 'shim-signed grub-efi-amd64-signed linux-azure',
    suse: 'shim grub2-x86_64-efi',
    azurelinux: 'shim grub2-efi-binary',
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch-faq',
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch',
  ],
  covers: ['tl-boot-chain-signed'],
  lisa: ['tvmsuite.verify_secureboot_compatibility'],
  needs: ['esp', 'rootfs'],
  appliesTo: { generations: [2], profiles: ['trusted-launch'] },
  facts: { bootSignatures },
  check({ bootSignatures: { programs, unread } }) {
    const [first] = programs;
    if (!first && unread.length === 0) return notApplicable('no loader is on the fallback path');
    const trusted = first?.trusted ?? [];
    return judge(
      programs.flatMap((program) => judgeProgram(program, trusted)),
      programs.map(({ path }) => ({ path })),
      unread,
    );
  },
});
