import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImageReport } from '../../src/engine/model.ts';
import { fixedByScript } from '../../src/reports/fix-script.ts';
import { useAsBuildMachine } from './recipes.ts';
import { inside, realRoot, reportOf, type Stage, Workshop } from './stages.ts';

/** What goes wrong with images, beside what a build leaves behind. */
const spoil = `
echo 0123456789abcdef0123456789abcdef > /etc/machine-id
touch /etc/cloud/cloud-init.disabled
sed -i 's/^Provisioning.Agent=.*/Provisioning.Agent=disabled/' /etc/waagent.conf
printf 'ClientAliveInterval 0\\nPermitRootLogin yes\\n' > /etc/ssh/sshd_config.d/00-spoilt.conf
sed -i 's/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="quiet splash"/' /etc/default/grub
echo 'blacklist hv_netvsc' > /etc/modprobe.d/spoilt.conf
ln -sf /dev/null /etc/systemd/system/ssh.service
rm -f /etc/resolv.conf && echo 'nameserver 10.0.0.1' > /etc/resolv.conf
`;

if (realRoot === undefined) {
  describe('the fix script', () =>
    test.skip('left out: `npm run test:real` as root runs it in a real Debian image', () => undefined));
} else runFixes(realRoot);

function runFixes(base: string): void {
  let workshop: Workshop;
  let stage: Stage;

  beforeAll(() => {
    workshop = new Workshop();
    stage = workshop.stage([base], `${useAsBuildMachine}\n${spoil}`);
  }, 300_000);
  afterAll(() => workshop.close());

  describe('the fix script, run in a real Debian image', () => {
    test('ends the findings that it claims to fix', () => {
      const file = workshop.folder('fixes.sh');
      const before = reportOf(stage.path, ['--fix-script', file]).image;
      const claimed = fixedByScript(before);
      expect(claimed.length).toBeGreaterThan(5);
      const script = readFileSync(file, 'utf8');
      const log = inside(
        stage,
        `cat > /root/fixes.sh <<'SCRIPT'\n${script}\nSCRIPT\nbash /root/fixes.sh 2>&1 || echo "ended with $?"; rm /root/fixes.sh`,
      );
      const after = reportOf(stage.path).image;
      const left = failedRules(after).filter((ruleId) => claimed.includes(ruleId));
      expect({ left, log: left.length > 0 ? log : '' }).toEqual({ left: [], log: '' });
    }, 300_000);
  });
}

function failedRules({ results }: ImageReport): readonly string[] {
  return results.filter(({ outcome }) => outcome === 'fail').map(({ ruleId }) => ruleId);
}
