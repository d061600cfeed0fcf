import { agent, defineRule, fail, finding, notApplicable, pass, unknown } from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/disable-marker',
  title: 'The marker disable_agent is absent',
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'On every boot the agent goes to sleep for ever once it has provisioned and reported ready, so that no VM extension is ever installed or run.',
  remediation: 'Delete the marker from the agent’s Lib.Dir.',
  fix: ['rm -f /var/lib/waagent/disable_agent'],
  references: ['https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/daemon/main.py'],
  covers: ['agent-not-disabled-by-marker'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent },
  check({ agent: { installed, disableMarker, markersUnread, libDir } }, intent) {
    if (!installed) return notApplicable('the agent is not installed');
    if (markersUnread) return unknown(markersUnread.message);
    if (!disableMarker) return pass();
    const severity = intent.imageType === 'specialized' ? { severity: 'info' as const } : {};
    return fail(
      finding(
        `${libDir}/disable_agent puts the agent to sleep for ever, so no VM extension runs`,
        disableMarker,
        severity,
      ),
    );
  },
});
