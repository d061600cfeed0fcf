import { cloudInit, cloudInitState, defineRule, fail, finding, judge, notApplicable } from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/manual-cache-clean',
  title: 'cloud-init does not trust a cached instance',
  severity: 'error',
  rationale:
    'With manual_cache_clean every clone takes itself for the source VM: it uses the cached instance and is never ' +
    'provisioned.',
  remediation: 'Delete manual_cache_clean from the configuration, and the cached instance.',
  fix: [
    "sed -i '/^manual_cache_clean:/d' /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg",
    'rm -rf /var/lib/cloud/instance*',
  ],
  references: ['https://github.com/canonical/cloud-init/blob/main/cloudinit/cmd/main.py'],
  covers: ['ci-manual-cache-clean-off'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, cloudInitState },
  check({ cloudInit: { installed, config }, cloudInitState: state }) {
    if (!installed) return notApplicable('cloud-init is not installed');
    const isOn = config.bool('manual_cache_clean', false);
    const origin = config.origin('manual_cache_clean');
    const unread = [...config.unread, ...state.unread];
    if (!isOn && !state.manualClean) return judge([], origin ? [origin] : [], unread);
    const evidence = [isOn ? origin : undefined, state.manualClean].filter((place) => place !== undefined);
    const what = isOn ? 'manual_cache_clean is on' : 'the marker manual-clean is set';
    const cached = state.instanceLink ?? state.instances.find(({ hasObject }) => hasObject);
    if (cached) return fail(finding(`${what}, and ${cached.path} is a cached instance`, evidence));
    return fail(finding(`${what}, so that an instance once cached stays for ever`, evidence, { severity: 'warning' }));
  },
});
