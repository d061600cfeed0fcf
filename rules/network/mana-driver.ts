import { defineRule, finding, judge, kernelModules, kernelVersions, unknown } from '../../src/rule-api.ts';

export default defineRule({
  id: 'network/mana-driver',
  title: 'The driver of Microsoft’s network adapter is available',
  severity: 'warning',
  rationale:
    'On hardware with the Microsoft Azure Network Adapter a VM without it uses the slower path through the host.',
  remediation: 'Install a kernel of 5.15 or later, or the kernel of the vendor with the driver.',
  references: [
    'https://learn.microsoft.com/azure/virtual-network/accelerated-networking-mana-linux',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/network/sriov.py',
  ],
  covers: ['an-mana-driver'],
  lisa: ['sriov.verify_services_state'],
  needs: ['rootfs'],
  appliesTo: { profiles: ['accelerated-networking'] },
  facts: { kernelModules, kernelVersions },
  check({ kernelModules: { kernels, gap }, kernelVersions }) {
    if (gap) return gap;
    const findings = kernels.flatMap(({ release, driver }) => {
      const mana = driver('mana', 'MICROSOFT_MANA');
      const isRecent = kernelVersions.some((version) => version.release === release && version.isAtLeast('5.15'));
      if (mana.state === 'absent')
        return finding(mana.lack ?? 'mana is missing', mana.evidence, {
          severity: isRecent ? 'warning' : 'info',
          subject: release,
        });
      const verbs = driver('mana_ib', 'MANA_INFINIBAND');
      if (verbs.state !== 'absent') return [];
      return finding(`${verbs.lack}, which RDMA and DPDK need on that adapter`, verbs.evidence, {
        severity: 'info',
        subject: release,
      });
    });
    const open = kernels.map(({ driver }) => driver('mana', 'MICROSOFT_MANA')).find(({ state }) => state === 'unknown');
    if (findings.length === 0 && open) return unknown(open.lack ?? 'mana could not be looked up');
    return judge(
      findings,
      kernels.flatMap(({ driver }) => driver('mana', 'MICROSOFT_MANA').evidence),
    );
  },
});
