import {
  cloudInit,
  cloudInitRuntime,
  compareDottedVersions,
  defineRule,
  fail,
  family,
  finding,
  firstBoot,
  installPackages,
  notApplicable,
  notForCloudInit,
  pass,
} from '../../src/rule-api.ts';

/** From this version on ncat of nmap serves too; these families have no other and made theirs work earlier. */
const ncatFrom = '25.3';
const ncatFamilies: readonly (string | undefined)[] = ['rhel', 'fedora', 'oracle', 'azurelinux'];

export default defineRule({
  id: 'cloud-init/netcat',
  title: 'The stages of cloud-init find a netcat that speaks to Unix sockets',
  severity: 'error',
  rationale:
    'From 24.3 on the stage units talk to one process through nc -U; without it every stage fails on the first boot.',
  remediation: 'Install the netcat of OpenBSD.',
  fix: installPackages({
    rhel: 'nmap-ncat',
    debian: 'netcat-openbsd',
    suse: 'netcat-openbsd',
    azurelinux: 'nmap-ncat',
  }),
  references: ['https://github.com/canonical/cloud-init/blob/main/systemd/cloud-init-local.service.tmpl'],
  covers: ['ci-single-process-netcat'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, cloudInitRuntime, firstBoot, family },
  check({ cloudInit: found, cloudInitRuntime: { socket }, firstBoot: boot, family: ofSystem }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    if (!socket) return notApplicable('each stage of cloud-init is a process of its own and needs no netcat');
    const { netcat, evidence } = socket;
    if (!netcat) return fail(finding('the stages of cloud-init call netcat, which is not in the image', evidence));
    const version = found.version?.text;
    const takesNcat =
      ncatFamilies.includes(ofSystem) || version === undefined || compareDottedVersions(version, ncatFrom) >= 0;
    if (netcat.variant === 'openbsd' || (netcat.variant === 'ncat' && takesNcat))
      return pass([evidence, netcat.evidence]);
    const why = {
      ncat: `is ncat, which serves cloud-init only from ${ncatFrom} on, and this is ${version}`,
      traditional: 'is the traditional one, which knows no Unix sockets',
      busybox: 'is that of BusyBox, which knows no Unix sockets',
      unknown: 'does not say whether it knows Unix sockets, as the one of OpenBSD does',
    }[netcat.variant];
    return fail(
      finding(`the netcat that the stages of cloud-init call ${why}`, [netcat.evidence, evidence], {
        severity: 'warning',
      }),
    );
  },
});
