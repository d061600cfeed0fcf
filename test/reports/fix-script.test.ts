import { spawnSync } from 'node:child_process';
import { describe, expect, it, test } from '@jest/globals';
import rules from '../../rules/index.ts';
import { fixFor } from '../../src/engine/fix.ts';
import { fixedByScript, renderFixScript } from '../../src/reports/fix-script.ts';
import { finding, image, report, result } from './sample-report.ts';

const failing = (ruleId: string, fix: readonly string[], message = 'it is wrong') =>
  result(ruleId, { outcome: 'fail', fix, findings: [finding(message, { evidence: [{ path: '/etc/x', line: 3 }] })] });

function scriptOf(...results: ReturnType<typeof failing>[]): string {
  const one = image({ results });
  return renderFixScript(report([one]), one);
}

function lint(script: string) {
  return spawnSync('shellcheck', ['--shell=bash', '-'], { input: script, encoding: 'utf8' });
}
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
const name = (text: string) => (hasShellcheck ? text : `${text} (skipped: shellcheck is not installed)`);

describe('the fix script', () => {
  it('has a commented block for each finding', () => {
    expect(
      scriptOf(failing('agent/mode', ['sed -i s/a/b/ /etc/x'])),
    ).toContain(`# error agent/mode: it is wrong (/etc/x:3)
# Why: Something breaks on the first boot otherwise.
# Fix: Put it right.
(
  set -e
  sed -i s/a/b/ /etc/x
)
ended $? agent/mode
`);
  });

  it('rebuilds once, after what it is built from, and deprovisions last', () => {
    const script = scriptOf(
      failing('boot/console', ['sed -i s/quiet// /etc/default/grub', 'update-grub']),
      failing('generalization/machine-id', ['rm -f /etc/machine-id']),
      failing('kernel/drivers', ['echo hv_vmbus >> /etc/modules', 'update-grub']),
    );
    const order = ['/etc/default/grub', '/etc/modules', 'update-grub', 'rm -f /etc/machine-id'];
    expect(order.map((line) => script.indexOf(line))).toEqual(
      order.map((line) => script.indexOf(line)).sort((a, b) => a - b),
    );
    expect(script.match(/update-grub/g)).toHaveLength(1);
  });

  it('leaves to a person what needs names, works on the file or talks to Azure', () => {
    const one = image({
      results: [
        failing('image-file/format', ['qemu-img convert -O vpc disk.qcow2 disk.vhd']),
        failing('identity/x', ['passwd -l NAME']),
      ],
    });
    const script = renderFixScript(report([one]), one);
    expect(script).toContain('# by hand: qemu-img convert -O vpc disk.qcow2 disk.vhd\n');
    expect(script).toContain('# by hand: passwd -l NAME\n');
    expect(script).not.toContain('set -e');
    expect(fixedByScript(one)).toEqual([]);
  });

  it('takes no line of the image for a command', () => {
    const script = scriptOf(failing('agent/mode', ['true'], 'x\nrm -rf /\n'));
    expect(script).toContain('# error agent/mode: x\\nrm -rf /\\n (/etc/x:3)');
    expect(script.split('\n')).not.toContain('rm -rf /');
  });

  it('leaves out what is suppressed', () => {
    const accepted = { ...failing('agent/mode', ['true']), suppressed: { reason: 'r', by: 'configuration' } as const };
    expect(scriptOf(accepted)).not.toContain('agent/mode');
  });

  it('goes on after a block that fails, and says so at the end', () => {
    const run = spawnSync('bash', ['-s'], {
      input: scriptOf(failing('a/one', ['false', 'echo not reached']), failing('b/two', ['echo reached'])),
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 1, stdout: 'reached\n', stderr: 'failed: a/one\n' });
  });

  (hasShellcheck ? test.each : test.skip.each)(['debian', 'rhel', 'suse', 'azurelinux', 'flatcar', undefined] as const)(
    name('of all rules for the family %s is clean for shellcheck'),
    (family) => {
      const all = rules.flatMap((rule) => {
        const fix = fixFor(rule.fix, family);
        return fix ? [failing(rule.id, fix)] : [];
      });
      expect(all.length).toBeGreaterThan(90);
      expect(lint(scriptOf(...all)).stdout).toBe('');
    },
    60_000,
  );
});
