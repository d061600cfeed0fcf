import { cloudInit, cloudInitState, defineRule, finding, judge } from '../../src/rule-api.ts';

/** Data sources by the directory that seeds them. */
const sources: Readonly<Record<string, string>> = {
  nocloud: 'NoCloud',
  'nocloud-net': 'NoCloud',
  config_drive: 'ConfigDrive',
};

export default defineRule({
  id: 'cloud-init/seed',
  title: 'No data source seed is left in the image',
  severity: 'error',
  rationale:
    'A seed wins over the provisioning media on the first boot, so user and host name of the source VM are applied ' +
    'to every clone. cloud-init clean keeps seeds unless it is told otherwise.',
  remediation: 'Delete what lies in the seed directory.',
  fix: ['rm -rf /var/lib/cloud/seed/*'],
  references: ['https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/DataSourceAzure.py'],
  covers: ['ci-no-stale-seed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, cloudInitState },
  check({ cloudInit: { search }, cloudInitState: { seeds, directory, unread } }) {
    const findings = seeds.map(({ name, files }) => {
      const places = files.map((path) => ({ path }));
      const subject = { subject: name };
      if (name === 'azure') return finding('a seed takes the place of the provisioning media', places, subject);
      const source = sources[name] ?? name;
      if (search.list && !search.list.includes(source)) {
        const message = `a seed for ${source} is left, which the data source list does not allow`;
        return finding(message, places, { ...subject, severity: 'info' });
      }
      return finding(`a seed for ${source} competes with Azure`, places, { ...subject, severity: 'warning' });
    });
    return judge(findings, [{ path: `${directory}/seed` }], unread);
  },
});
