import {
  cloudInit,
  compareVersions,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  notApplicable,
} from '../../src/rule-api.ts';

/** BUILTIN_DS_CONFIG of DataSourceAzure.py, and the key that it reads besides. */
const known = ['data_dir', 'disk_aliases', 'never_destroy_ntfs'];
const switches = [
  'apply_network_config',
  'apply_network_config_for_secondary_ips',
  'apply_network_config_set_name',
  'experimental_fail_on_missing_customdata',
  'experimental_skip_ready_report',
];
/** Options with the release that gave them up. */
const dead = new Map([
  ['agent_command', '21.2'],
  ['set_hostname', '22.1'],
  ['hostname_bounce', '22.1'],
]);

export default defineRule({
  id: 'cloud-init/azure-options',
  title: 'The options of cloud-init’s Azure data source are known and spelled exactly',
  severity: 'warning',
  rationale:
    'cloud-init passes over an option that it does not know, so the first boot brings another network or disk than the image seems to ask for.',
  remediation: 'Write datasource, below it Azure with a capital A, below that the option.',
  references: ['https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/DataSourceAzure.py'],
  covers: ['ci-azure-ds-options-known'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { cloudInit },
  check({ cloudInit: { installed, config, version } }, intent) {
    if (!installed) return notApplicable('cloud-init is not installed');
    const at = (...path: readonly string[]) => config.origin('datasource', ...path) ?? [];
    const keys = (value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
    const findings: FindingDraft[] = [];
    for (const name of keys(config.get('datasource'))) {
      if (name !== 'Azure' && name.toLowerCase() === 'azure') {
        findings.push(
          finding(`cloud-init reads datasource.Azure, not datasource.${name}`, at(name), { subject: name }),
        );
      }
    }
    for (const key of keys(config.get('datasource', 'Azure'))) {
      const value = config.get('datasource', 'Azure', key);
      const place = at('Azure', key);
      const subject = { subject: key };
      const until = dead.get(key);
      if (until !== undefined) {
        if (!version || compareVersions(version.text, until) < 0) continue;
        findings.push(
          finding(`${key} has no effect since cloud-init ${until}`, place, { ...subject, severity: 'info' }),
        );
      } else if (!known.includes(key) && !switches.includes(key)) {
        findings.push(finding(`the Azure data source has no option ${key}`, place, subject));
      } else if (switches.includes(key) && typeof value === 'string') {
        findings.push(
          finding(
            `${key} is the text ${JSON.stringify(value)}, which counts as true; write true or false`,
            place,
            subject,
          ),
        );
      } else if (key === 'experimental_skip_ready_report' && value === true && intent.imageType === 'generalized') {
        findings.push(
          finding('experimental_skip_ready_report keeps cloud-init from reporting the VM as ready', place, subject),
        );
      }
    }
    const origin = config.origin('datasource', 'Azure');
    return judge(findings, origin ? [origin] : [], config.unread);
  },
});
