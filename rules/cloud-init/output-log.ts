import {
  cloudInit,
  cloudInitOutput,
  defineRule,
  fail,
  finding,
  judge,
  notApplicable,
  unknownBy,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/output-log',
  title: 'cloud-init writes the output of scripts to a log file',
  severity: 'info',
  rationale: 'Of a first boot that fails, what user scripts printed is lost.',
  remediation: 'Send the output to /var/log/cloud-init-output.log.',
  fix: ['echo "output: {all: \'| tee -a /var/log/cloud-init-output.log\'}" > /etc/cloud/cloud.cfg.d/05_logging.cfg'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/canonical/cloud-init/blob/main/config/cloud.cfg.d/05_logging.cfg',
  ],
  covers: ['ci-output-logging'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { cloudInit, cloudInitOutput },
  check({ cloudInit: { installed, config }, cloudInitOutput: stages }) {
    if (!installed) return notApplicable('cloud-init is not installed');
    const gap = unknownBy(config.unread);
    if (gap) return gap;
    const lost = stages.filter(({ target }) => target === undefined || /^>*\s*\/dev\/null$/.test(target));
    if (lost.length === 0) return judge([], stages.flatMap(({ evidence }) => evidence ?? []).slice(0, 1));
    const places = lost.flatMap(({ evidence }) => evidence ?? []).slice(0, 1);
    if (lost.length === stages.length && places.length === 0) {
      return fail(finding('the configuration sends no output to a file: it goes to the journal and the console only'));
    }
    const names = lost.map(({ stage }) => stage).join(', ');
    return fail(finding(`the output of these stages goes to no file: ${names}`, places));
  },
});
