import {
  cloudInit,
  compareDottedVersions,
  type Distribution,
  defineRule,
  distribution,
  fail,
  finding,
  firstBoot,
  isVersionOf,
  minimumVersions,
  notApplicable,
  notForCloudInit,
  pass,
  unknown,
  updatePackages,
} from '../../src/rule-api.ts';

const { cloudInit: minimum, cloudInitForTags, cloudInitForAcceleratedNetworking } = minimumVersions;

/** What goes wrong below each version. */
const effects = [
  { below: minimum, effect: 'needs the UDF driver and waits for the temporary disk' },
  { below: cloudInitForTags, effect: 'stops at tags of the VM that are not ASCII' },
  { below: cloudInitForAcceleratedNetworking, effect: 'does not set up accelerated networking' },
];

/** Enterprise releases that carry the repairs of later versions in an old one. */
function isMended({ family, id, versionId = '' }: Distribution): boolean {
  if (family === 'rhel' || family === 'oracle') return isVersionOf(versionId, '7');
  return /^sles/.test(id) && isVersionOf(versionId, '12');
}

export default defineRule({
  id: 'provisioning/cloud-init-version',
  title: 'cloud-init is recent enough for Azure of today',
  severity: 'warning',
  rationale:
    'Old versions fail or delay the first boot in situations that newer ones handle: no UDF driver, no temporary disk, tags with other letters.',
  remediation: 'Update cloud-init.',
  fix: updatePackages('cloud-init'),
  references: [
    ...new Set([minimum, cloudInitForTags, cloudInitForAcceleratedNetworking].map(({ source }) => source)),
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/cloud-init-deployment-delay',
  ],
  covers: ['prov-cloud-init-version-floors'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, firstBoot, distribution },
  check({ cloudInit: found, firstBoot: boot, distribution: system }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    if (!found.version) return unknown('nothing in the image tells the version of cloud-init');
    const { text, evidence } = found.version;
    const lost = effects.filter(({ below }) => compareDottedVersions(text, below.version) < 0);
    if (lost.length === 0) return pass(evidence);
    if (system && isMended(system)) {
      return notApplicable(`${system.id} ${system.versionId} repairs cloud-init ${text} itself`);
    }
    const what = lost.map(({ effect }) => effect).join(', ');
    const message = `cloud-init ${text} ${what}; ${minimum.version} is wanted (as of ${minimum.asOf})`;
    return fail(finding(message, evidence));
  },
});
