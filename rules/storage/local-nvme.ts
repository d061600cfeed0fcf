import {
  agent,
  cloudInit,
  defineRule,
  fail,
  finding,
  isCouldNotRead,
  notApplicable,
  pass,
  unitFiles,
  unknown,
  unknownBy,
} from '../../src/rule-api.ts';

const setup = 'azure-ephemeral-disk-setup.service';

export default defineRule({
  id: 'storage/local-nvme',
  title: 'Local NVMe disks are set up by a service of their own',
  severity: 'info',
  rationale:
    'On VM sizes from version 6 on the local disks are raw NVMe devices at every boot after a deployment or a move; ' +
    'settings of the agent and of cloud-init for the temporary disk do not touch them.',
  remediation: 'Enable azure-ephemeral-disk-setup.service of azure-vm-utils, or a unit of your own.',
  fix: [`systemctl --root=/ enable ${setup}`],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/enable-nvme-temp-faqs',
    'https://github.com/Azure/azure-vm-utils',
  ],
  covers: ['nvme-raw-temp-disks'],
  lisa: ['azure_image_standard.verify_resource_disk_readme_file'],
  needs: ['rootfs'],
  appliesTo: { profiles: ['nvme'] },
  facts: { agent, cloudInit, unitFiles },
  check({ agent: { configuration }, cloudInit: { config }, unitFiles: units }) {
    const state = units.state(setup);
    if (state.startsAtBoot) return pass(state.evidence);
    const own = units.names.find(
      (name) =>
        /(?:nvme|ephemeral|temp-?disk|resource-?disk).*\.service$/.test(name) &&
        units.state(name).startsAtBoot &&
        !/^temp-disk-dataloss/.test(name),
    );
    if (own !== undefined) return pass(units.state(own).evidence);
    const format = 'switch' in configuration ? configuration.switch('ResourceDisk.Format') : undefined;
    const keys = ['mounts', 'fs_setup', 'disk_setup'].filter((key) =>
      JSON.stringify(config.get(key) ?? '').includes('ephemeral0'),
    );
    const setting = keys.map((key) => config.origin(key)).find((origin) => origin !== undefined);
    const evidence = format?.value ? format.evidence : setting;
    if (!evidence && isCouldNotRead(configuration)) return unknown(configuration.message);
    const gap = evidence ? undefined : unknownBy(config.unread);
    if (gap) return gap;
    if (!evidence) return notApplicable('nothing in the image sets up a temporary disk');
    const message = `only the temporary disk of older sizes is set up; ${setup} does not start at boot`;
    return fail(finding(message, evidence));
  },
});
