import {
  architecture,
  bootGeneration,
  bootSignatures,
  defineRule,
  fail,
  finding,
  generationOf,
  notApplicable,
  pass,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'gallery/feature-flags',
  title: 'The image can do what its definition claims by default',
  severity: 'info',
  rationale:
    'From API version 2025-03-03 a definition of generation 2 claims Trusted Launch unless it says otherwise; a VM made with it from an image without signed loaders does not boot.',
  remediation: 'Create the image definition with the security type that the image can fulfil.',
  fix: [
    'az sig image-definition create --resource-group GROUP --gallery-name GALLERY --gallery-image-definition NAME --publisher PUBLISHER --offer OFFER --sku SKU --os-type Linux --hyper-v-generation V2 --features SecurityType=Standard',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/enable-nvme-remote-faqs',
    'https://learn.microsoft.com/azure/virtual-machines/nvme-overview',
    'https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery',
    'https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries',
  ],
  covers: ['gallery-feature-flags-honest'],
  lisa: [],
  needs: ['options', 'rootfs', 'esp'],
  appliesTo: { storages: ['gallery'] },
  facts: { bootGeneration, bootSignatures, architecture },
  check({ bootGeneration: boot, bootSignatures: { programs }, architecture: processor }, intent) {
    if (intent.profiles.includes('trusted-launch'))
      return notApplicable('security/boot-signatures judges an image for Trusted Launch');
    const generation = generationOf(intent, boot);
    if (generation !== 2)
      return notApplicable(
        generation === 1 ? 'generation 1 has no Trusted Launch to claim' : 'the generation is not known',
      );
    if (programs.length === 0) return notApplicable('no loader on the fallback path shows whether the image is signed');
    const unsigned = programs.filter(({ signatures }) => signatures.length === 0).map(({ path }) => ({ path }));
    const [first] = unsigned;
    const features = intent.profiles.includes('nvme') ? ' --features DiskControllerTypes=SCSI,NVMe' : '';
    const advice = `--hyper-v-generation V2 --architecture ${processor === 'aarch64' ? 'Arm64' : 'x64'}${features}`;
    if (!first) return pass(programs.map(({ path }) => ({ path, text: advice })));
    const message = `${first.path} is not signed, so the definition has to say --features "SecurityType=Standard"`;
    return fail(finding(message, unsigned, { subject: 'security-type' }));
  },
});
