import { defineRule, executables, finding, judge, kernelVersions, notApplicable } from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/azure-flavour',
  title: 'Ubuntu boots its kernel for Azure',
  severity: 'info',
  rationale:
    'The generic kernel boots as well, but the VM does without the tuning and some drivers of the flavour for Azure.',
  remediation: 'Install linux-azure and make its kernel the default entry.',
  fix: ['apt-get -y install linux-azure'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/endorsed-distros',
  ],
  covers: ['kernel-azure-tuned'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { families: ['ubuntu'] },
  facts: { kernelVersions, executables },
  check({ kernelVersions, executables: programs }) {
    if (kernelVersions.length === 0) return notApplicable('no kernel with a readable release is in this root');
    const others = kernelVersions.filter(({ release }) => !/-azure(?:-|$)/.test(release));
    if (others.length > 0 && programs.find('kubeadm')) {
      return notApplicable('nodes for Kubernetes, as image-builder makes them, keep the generic kernel on purpose');
    }
    return judge(
      others.map(({ release, evidence }) =>
        finding(`kernel ${release} is not of the flavour azure`, evidence, { subject: release }),
      ),
      kernelVersions.map(({ evidence }) => evidence),
    );
  },
});
