import {
  defineRule,
  describeUnread,
  fail,
  finding,
  pass,
  type SignKind,
  signsOfUse,
  unknown,
} from '../../src/rule-api.ts';

/** Signs that a machine was set up, not only started. */
const strong: readonly SignKind[] = ['account', 'agent-state', 'cloud-init-instance'];
/** What deprovisioning takes away. */
const kept: readonly SignKind[] = ['machine-id', 'host-keys', 'agent-state', 'cloud-init-instance', 'account'];
/** Fewer signs are left to the rule of each. */
const enough = 3;

export default defineRule({
  id: 'provisioning/image-type',
  title: 'The declared image type matches what is on the disk',
  severity: 'error',
  rationale:
    'Used content that is declared generalized keeps old accounts and names on the first boot or fails in it; ' +
    'deprovisioned content that is declared specialized boots into a machine that nobody can enter.',
  remediation: 'Deprovision the image, or declare it specialized.',
  fix: [
    'cloud-init clean --logs --seed --machine-id && waagent -force -deprovision+user   # only for a generalized image',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-custom-image-provisioning-errors',
    'https://learn.microsoft.com/azure/virtual-machines/image-version',
    'https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries',
    'https://learn.microsoft.com/azure/virtual-machines/troubleshooting-shared-images',
  ],
  covers: ['prov-image-type-matches-content'],
  lisa: [],
  needs: ['rootfs', 'options'],
  appliesTo: {},
  facts: { signsOfUse },
  check({ signsOfUse: { signs, unseen, someoneCanLogIn } }, { imageType, imageTypeDeclared }) {
    const evidence = signs.map((sign) => sign.evidence);
    const unread = describeUnread(unseen.map(({ reason }) => reason));
    if (imageType === 'specialized') {
      if (someoneCanLogIn || signs.some(({ kind }) => kept.includes(kind))) return pass(evidence);
      if (unread) return unknown(unread);
      const message =
        'the image is declared specialized but looks deprovisioned: no account can log in, and machine id, host keys, agent and cloud-init state are gone';
      return fail(finding(message, { path: '/etc/passwd' }));
    }
    const count = signs.length;
    const isUsed = count >= enough && signs.some(({ kind }) => strong.includes(kind));
    if (!isUsed) return unread && count + unseen.length >= enough ? unknown(unread) : pass(evidence);
    const list = signs.map(({ description }) => description).join(', ');
    if (imageTypeDeclared) return fail(finding(`the image is half-generalized: it still has ${list}`, evidence));
    const message = `the content suggests a specialized image, or a half-generalized one: it has ${list}`;
    return fail(finding(message, evidence, { severity: 'info' }));
  },
});
