import {
  defineRule,
  type FindingDraft,
  finding,
  installPackages,
  judge,
  kernelModules,
  kernelPackage,
  surveyDrivers,
  unknown,
  type WantedDriver,
} from '../../src/rule-api.ts';

const essential: readonly WantedDriver[] = [
  ['hv_vmbus', 'HYPERV'],
  ['hv_storvsc', 'HYPERV_STORAGE'],
  ['hv_netvsc', 'HYPERV_NET'],
];
const useful: readonly WantedDriver[] = [
  ['hv_utils', 'HYPERV_UTILS'],
  ['pci_hyperv', 'PCI_HYPERV'],
];
const console: readonly WantedDriver[] = [
  ['hv_balloon', 'HYPERV_BALLOON'],
  ['hyperv_keyboard', 'HYPERV_KEYBOARD'],
  ['hid_hyperv', 'HID_HYPERV_MOUSE'],
];

export default defineRule({
  id: 'kernel/hyperv-drivers',
  title: 'The boot kernel has the Hyper-V drivers',
  severity: 'error',
  rationale:
    'Without hv_vmbus, hv_storvsc and hv_netvsc the first boot has no disk or no network; without hv_utils shutdown, key-value pairs and time from the host do not work, and without pci_hyperv no NVMe disk and no fast network card is seen.',
  remediation:
    'Install the kernel of the distribution with all its modules, or on EL 6.0 to 6.3 the Linux Integration Services, and make it the default entry.',
  fix: installPackages(kernelPackage),
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-hyperv-issue',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-no-boot-hyper-v-driver-issues',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/hv_module.py',
  ],
  covers: ['kernel-hyperv-drivers-available', 'kernel-lis-package-el6'],
  lisa: ['hv_module.verify_hyperv_modules'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelModules },
  check({ kernelModules: { kernels, gap } }, { profiles }) {
    if (gap) return gap;
    const needed = surveyDrivers(kernels, essential);
    const helpful = surveyDrivers(kernels, useful);
    const comfort = surveyDrivers(kernels, console);
    const findings: FindingDraft[] = [
      ...needed.absent.map(({ lack, evidence, name }) =>
        finding(`${lack}, ${name === 'hv_netvsc' ? 'so the VM has no network' : 'so the VM finds no disk'}`, evidence, {
          subject: lack,
        }),
      ),
      ...helpful.absent.map(({ lack, evidence, name }) => {
        const stopsBoot = name === 'pci_hyperv' && profiles.includes('nvme');
        return finding(lack, evidence, { severity: stopsBoot ? 'error' : 'warning', subject: lack });
      }),
    ];
    const severity = profiles.includes('marketplace') ? 'warning' : 'info';
    for (const { release, driver } of kernels) {
      const screens = [driver('hyperv_fb', 'FB_HYPERV'), driver('hyperv_drm', 'DRM_HYPERV')];
      const hasNoScreen = screens.every(({ state }) => state === 'absent');
      const lacks = comfort.absent.filter(({ drivers }) => drivers.release === release);
      const lacksOf = (name: string) => lacks.some((driver) => driver.name === name);
      // A kernel for confidential VMs leaves out all that a person at the console would use.
      const isForConfidentialVms = hasNoScreen && lacksOf('hyperv_keyboard') && lacksOf('hid_hyperv');
      const told = isForConfidentialVms ? lacks.filter(({ name }) => name === 'hv_balloon') : lacks;
      findings.push(...told.map(({ lack, evidence }) => finding(lack, evidence, { severity, subject: lack })));
      const message = `kernel ${release} has neither hyperv_drm nor hyperv_fb`;
      if (hasNoScreen && !isForConfidentialVms)
        findings.push(finding(message, screens[0]?.evidence, { severity, subject: message }));
    }
    const [undecided] = [...needed.undecided, ...helpful.undecided];
    if (findings.length === 0 && undecided !== undefined) return unknown(undecided);
    return judge(findings, needed.evidence);
  },
});
