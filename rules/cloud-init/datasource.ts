import {
  cloudInit,
  defineRule,
  type FindingDraft,
  finding,
  firstBoot,
  installerLeftovers,
  judge,
  notApplicable,
  notForCloudInit,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/datasource',
  title: 'The Azure data source is allowed',
  severity: 'error',
  rationale:
    'With a data source list that lacks Azure, cloud-init does not read the provisioning data of the VM on the first ' +
    'boot, and no administrator is created.',
  remediation: 'Set datasource_list to [ Azure ] on one line in the last file of /etc/cloud/cloud.cfg.d.',
  fix: ["echo 'datasource_list: [ Azure ]' > /etc/cloud/cloud.cfg.d/99_azure_only.cfg"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloud-init-deep-dive',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/canonical/cloud-init/blob/main/tools/ds-identify',
  ],
  covers: ['ci-datasource-azure'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, firstBoot, installerLeftovers },
  check({ cloudInit: found, firstBoot: boot, installerLeftovers: leftovers }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    const { search, config } = found;
    if (search.decidedBy === 'ds-identify-config' || search.decidedBy === 'kernel-command-line') {
      return notApplicable('ds-identify is overridden, which cloud-init/ds-identify judges');
    }
    const leftover = leftovers.files.find(({ path }) => search.evidence.some((place) => place.path === path));
    if (leftover && search.result !== 'azure') {
      return notApplicable(`cloud-init/installer-leftovers reports ${leftover.path}`);
    }
    if (search.result === 'disabled') return notApplicable(`cloud-init/switch judges this: ${search.reason}`);
    const names = (search.list ?? []).filter((name) => /^\w+$/.test(name));
    const findings: FindingDraft[] = [];
    if (search.result === 'other') {
      const hint = names.some((name) => /^azure$/i.test(name)) ? ', and the name is case-sensitive' : '';
      const lack = `the data source list is ${names.join(', ') || 'empty'}, which lacks Azure${hint}`;
      const message = search.list?.some((name) => name.startsWith('datasource_list'))
        ? 'ds-identify of this cloud-init misreads the list for its form; write "datasource_list: [ Azure ]" on one line'
        : names.includes('Azure')
          ? search.reason
          : lack;
      findings.push(finding(message, search.evidence, { subject: 'list' }));
    }
    for (const line of search.oddSpacing) {
      const message =
        'ds-identify of this cloud-init does not recognise the list for its spacing; write "datasource_list: [ Azure ]"';
      findings.push(finding(message, line, { severity: 'warning' }));
    }
    const others = names.filter((name) => name !== 'Azure' && name !== 'None');
    if (search.result === 'azure' && search.decidedBy === 'datasource-list' && others.length > 0) {
      const message = `the list names ${others.join(', ')} beside Azure; an image for Azure needs [ Azure ] only`;
      findings.push(finding(message, search.evidence, { severity: 'info', subject: 'others' }));
    }
    return judge(findings, search.evidence, [...config.unread, ...found.unread]);
  },
});
