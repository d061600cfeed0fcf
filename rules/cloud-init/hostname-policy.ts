import {
  cloudInit,
  defineRule,
  finding,
  firstBoot,
  judge,
  notApplicable,
  notForCloudInit,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/hostname-policy',
  title: 'cloud-init may set the host name',
  severity: 'warning',
  rationale: 'Every VM keeps the host name of the image from its first boot on, and they collide in name resolution.',
  remediation: 'Set preserve_hostname to false and delete hostname and fqdn from the configuration.',
  fix: [
    "sed -i -E '/^(hostname|fqdn):/d' /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg",
    "echo 'preserve_hostname: false' > /etc/cloud/cloud.cfg.d/99_hostname.cfg",
  ],
  references: ['https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_set_hostname.py'],
  covers: ['ci-preserve-hostname-off'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, firstBoot },
  check({ cloudInit: found, firstBoot: boot }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    const { config } = found;
    const kept = config.bool('preserve_hostname', false)
      ? [
          finding(
            'preserve_hostname is true, so every VM keeps the host name of the image',
            config.origin('preserve_hostname') ?? [],
          ),
        ]
      : [];
    const fixed = ['hostname', 'fqdn'].flatMap((key) => {
      const name = config.get(key);
      if (typeof name !== 'string' || name === '') return [];
      return [finding(`${key} is fixed to ${name} for every VM`, config.origin(key) ?? [], { subject: key })];
    });
    const origin = config.origin('preserve_hostname');
    return judge([...kept, ...fixed], origin ? [origin] : [], config.unread);
  },
});
