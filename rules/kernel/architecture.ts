import {
  bootKernels,
  defineRule,
  executableFormat,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/architecture',
  title: 'Kernel and programs are 64-bit x86_64 or aarch64',
  severity: 'error',
  rationale: 'A 32-bit system, or one for another processor, is not accepted and does not boot.',
  remediation: 'Build the image anew from a 64-bit edition.',
  references: [
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['kernel-64bit-only'],
  lisa: ['azure_image_standard.verify_azure_64bit_os'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { bootKernels, executableFormat },
  check({ bootKernels: { kernels }, executableFormat: program }) {
    if (!program) return notApplicable('no program shows the architecture');
    const { architecture, bits, evidence } = program;
    const findings: FindingDraft[] = [];
    const isSupported = bits === 64 && (architecture === 'x86_64' || architecture === 'aarch64');
    if (!isSupported)
      findings.push(
        finding(
          `the programs are ${bits}-bit for ${architecture === 'other' ? 'another processor' : architecture}; Azure needs x86_64 or aarch64`,
          evidence,
        ),
      );
    for (const { header, image } of kernels) {
      if (!header || image === undefined) continue;
      const wanted = architecture === 'aarch64' ? 'arm64' : 'x86';
      if (!header.is64Bit) findings.push(finding('the kernel is 32-bit', { path: image }));
      else if (isSupported && header.architecture !== wanted)
        findings.push(
          finding(`the kernel is for ${header.architecture}, the programs are for ${architecture}`, { path: image }),
        );
    }
    return judge(
      findings,
      [evidence],
      kernels.flatMap(({ headerUnread }) => headerUnread ?? []),
    );
  },
});
