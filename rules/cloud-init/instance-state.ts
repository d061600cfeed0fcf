import {
  cloudInitState,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
  unknownBy,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/instance-state',
  title: 'No cloud-init instance of the source VM is left',
  severity: 'error',
  rationale:
    'Cached instance data carries user data, keys and identity of the source VM into every clone, and a link that ' +
    'leads nowhere breaks the first boot.',
  remediation: 'Clean the state of cloud-init as the last step of the build.',
  fix: [
    'cloud-init clean --logs --seed   # without the program: rm -rf /var/lib/cloud/{instance,instances,data,sem,handlers}',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/disable-provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/cmd/clean.py',
  ],
  covers: ['ci-state-clean'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInitState },
  check({ cloudInitState: state }) {
    const gap = unknownBy(state.unread);
    if (gap && !state.present) return gap;
    if (!state.present) return notApplicable(`${state.directory} does not exist`);
    const findings: FindingDraft[] = [];
    const { instanceLink: link } = state;
    if (link?.dangling) {
      findings.push(
        finding(`the link to the current instance leads to ${link.target}, which is gone`, { path: link.path }),
      );
    }
    for (const { path, hasObject, hasUserData, files } of state.instances) {
      if (files.length === 0) continue;
      const cached = hasObject || hasUserData;
      const what = hasUserData
        ? 'user data of the source VM'
        : hasObject
          ? 'the cached data source'
          : 'files of an instance';
      const message = `${path} holds ${what}`;
      findings.push(finding(message, { path }, { severity: cached ? 'error' : 'warning', subject: 'instance' }));
    }
    const rest = [...state.data, ...state.semaphores, ...state.handlers];
    if (rest.length > 0) {
      const places = rest.slice(0, 5).map((path) => ({ path }));
      const message = `${state.directory} keeps ${rest.length === 1 ? 'a file' : `${rest.length} files`} of an earlier boot`;
      findings.push(finding(message, places, { severity: 'warning', subject: 'files' }));
    }
    return judge(findings, [{ path: state.directory }], state.unread);
  },
});
