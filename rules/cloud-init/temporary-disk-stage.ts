import {
  cloudInit,
  cloudInitModules,
  compareVersions,
  defineRule,
  fail,
  finding,
  notApplicable,
  pass,
  temporaryDiskOrder,
  unknownBy,
} from '../../src/rule-api.ts';

const modules = ['disk_setup', 'mounts'];

export default defineRule({
  id: 'cloud-init/temporary-disk-stage',
  title: 'cloud-init sets the temporary disk up in its init stage',
  severity: 'info',
  rationale:
    'In the config stage of cloud-init before 23.1 the temporary disk is mounted after services that expect it, on every boot of a new VM.',
  remediation: 'Move disk_setup and mounts from cloud_config_modules to cloud_init_modules in /etc/cloud/cloud.cfg.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloudinit-prepare-custom-image',
  ],
  covers: ['ci-disk-setup-mounts-in-init'],
  lisa: [],
  needs: ['rootfs'],
  // SUSE keeps mounts in the config stage on purpose, and Debian's packages have always had both in the first.
  appliesTo: { imageTypes: ['generalized'], families: ['rhel', 'oracle', 'fedora'] },
  facts: { cloudInit, cloudInitModules, temporaryDiskOrder },
  check({
    cloudInit: { installed, version, config },
    cloudInitModules: { lists },
    temporaryDiskOrder: { agentFormats, agentWaits },
  }) {
    if (!installed) return notApplicable('cloud-init is not installed');
    if (!version || compareVersions(version.text, '23') >= 0) {
      return notApplicable('this matters only before cloud-init 23.1');
    }
    const late = lists.filter(
      ({ key, names }) => key !== 'cloud_init_modules' && names.some((name) => modules.includes(name)),
    );
    const [list] = late;
    const gap = unknownBy(config.unread);
    if (gap) return gap;
    if (!list) return pass(version.evidence);
    if (agentFormats && !agentWaits) return notApplicable('agent/temporary-disk reports what comes of the late stage');
    const names = list.names.filter((name) => modules.includes(name));
    const verb = names.length === 1 ? 'stands' : 'stand';
    return fail(finding(`${names.join(' and ')} ${verb} in ${list.key}, not in cloud_init_modules`, list.origin ?? []));
  },
});
