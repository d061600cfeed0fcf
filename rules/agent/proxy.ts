import { defineRule, finding, judge, type ProxySetting, proxySettings } from '../../src/rule-api.ts';

/** Who is told to use the proxy, and whether that keeps the VM itself from its platform. */
const users: Readonly<Record<ProxySetting['scope'], { readonly who: string; readonly isOfVm: boolean }>> = {
  agent: { who: 'the agent', isOfVm: true },
  services: { who: 'every service, the agent among them,', isOfVm: true },
  'cloud-init': { who: 'cloud-init', isOfVm: true },
  packages: { who: 'the package manager', isOfVm: false },
  shell: { who: 'the shell', isOfVm: false },
};

export default defineRule({
  id: 'agent/proxy',
  title: 'Agent, services and package manager use no proxy of the build environment',
  severity: 'warning',
  rationale:
    'A proxy that VMs cannot reach keeps the agent from Azure Storage, so extensions and updates of the agent fail on every boot.',
  remediation: 'Delete the proxy settings, unless the proxy is meant for the VMs that the image makes.',
  fix: ["sed -i '/^HttpProxy\\./d' /etc/waagent.conf", "sed -i '/_proxy=/Id' /etc/environment"],
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/utils/restutil.py',
  ],
  covers: ['agent-no-leftover-proxy'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { proxySettings },
  check({ proxySettings: { settings, unread } }) {
    const findings = settings.map(({ scope, name, proxy, evidence }) => {
      const { who, isOfVm } = users[scope];
      const options = { subject: `${scope} ${name}`, ...(!isOfVm && { severity: 'info' as const }) };
      return finding(`${name} makes ${who} use the proxy ${proxy}`, evidence, options);
    });
    return judge(findings, [], unread);
  },
});
