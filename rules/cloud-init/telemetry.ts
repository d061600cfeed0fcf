import { cloudInit, defineRule, fail, finding, notApplicable, pass, unknownBy } from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/telemetry',
  title: 'cloud-init tells the host through Hyper-V’s key-value pairs how the first boot goes',
  severity: 'warning',
  rationale: 'Of a first boot that fails before the network is up, the host knows nothing that could help support.',
  remediation: 'Configure a reporter of type hyperv; the key is reporting, in small letters.',
  fix: [
    "printf 'reporting:\\n  logging:\\n    type: log\\n  telemetry:\\n    type: hyperv\\n' > /etc/cloud/cloud.cfg.d/10-azure-kvp.cfg",
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/reporting/handlers.py',
  ],
  covers: ['ci-kvp-telemetry'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { cloudInit },
  check({ cloudInit: { installed, config } }) {
    if (!installed) return notApplicable('cloud-init is not installed');
    const reporters = config.get('reporting');
    // A later file may take it back.
    const gap = unknownBy(config.unread);
    if (gap) return gap;
    if (config.get('reporting', 'telemetry', 'type') === 'hyperv') {
      return pass(config.origin('reporting', 'telemetry') ?? []);
    }
    const misspelt = Object.keys(config.merged).find((key) => key !== 'reporting' && key.toLowerCase() === 'reporting');
    if (misspelt !== undefined) {
      return fail(finding(`cloud-init reads reporting, not ${misspelt}`, config.origin(misspelt) ?? []));
    }
    const place = config.origin('reporting') ?? [];
    const names = typeof reporters === 'object' && reporters !== null ? Object.keys(reporters) : [];
    const other = names.find((key) => config.get('reporting', key, 'type') === 'hyperv');
    const message =
      other === undefined
        ? 'no reporter of type hyperv is configured'
        : `the reporter of type hyperv is called ${other}, and the Azure data source reports its failures to telemetry only`;
    return fail(finding(message, place, { severity: 'info' }));
  },
});
