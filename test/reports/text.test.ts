import { describe, expect, it, test } from '@jest/globals';
import { widthOf } from '../../src/reports/layout.ts';
import { renderText } from '../../src/reports/text.ts';
import { finding, image, report, result, options as sampleOptions } from './sample-report.ts';

const options = { ...sampleOptions, columns: 80 };

describe('text report', () => {
  it('tells image, first boot, findings with evidence, why and fix, what is unknown, and every count', () => {
    expect(renderText(report(), options)).toMatchInlineSnapshot(`
"web: Debian GNU/Linux 12 (bookworm), x86_64 (directory)
  Judged as   generalized image (default; declare with --image-type), storage
              gallery
  Software    waagent 2.7.3.0, no cloud-init, kernel 6.1.0-31-cloud-amd64
  First boot  waagent waits half an hour for a cloud-init that is not installed:
              provisioning times out
              1. waagent sees Provisioning.Agent=cloud-init and waits
              2. nobody writes ovf-env.xml

1 error

  error  agent/mode
    Provisioning.Agent is cloud-init, which is not installed
      /etc/waagent.conf:11  Provisioning.Agent=cloud-init
    Why   Something breaks on the first boot otherwise.
    Fix   Put it right.
          $ apt-get install cloud-init
          $ systemctl enable cloud-init

2 warnings

  warning  agent/mode
    the service of the agent starts before the network
      /usr/lib/systemd/system/walinuxagent.service
    (why and fix: see this rule above)

  warning  identity/root-password
    root has a usable password
      /etc/shadow:1  root:*****************************************************…
    Note  incomplete: /etc/shadow-: permission denied
    Why   Something breaks on the first boot otherwise.
    Fix   Put it right.

1 remark

  info  storage/swap
    there is a swap file
    Why   Something breaks on the first boot otherwise.
    Fix   Put it right.

1 could not be decided

  unknown  ssh/host-keys (severity error)
    The good state of ssh/host-keys
    Reason  /etc/ssh: permission denied; scan as a user who may read it

8 rules as of 2026-01-01: 1 passed, 3 failed, 1 unknown, 1 not applicable, 1
skipped, 1 suppressed
FAIL: 1 error, 2 warnings, 1 remark; 1 finding suppressed

Exit code 1: at least one finding at or above --fail-on
"
`);
  });

  it('adds what passed, did not apply, was skipped or suppressed when verbose', () => {
    const text = renderText(report(), { ...options, verbose: true, columns: 120 });
    expect(text.slice(text.indexOf('1 passed'))).toMatchInlineSnapshot(`
"1 passed
  network/resolver
    The good state of network/resolver (/etc/resolv.conf)

1 not applicable
  cloud-init/modules
    cloud-init is not installed

1 skipped
  disk/footer
    this kind of target does not show: disk

1 suppressed
  generalization/hostname
    the host name is vm: accepted until the new pipeline (until 2027-01-31)

8 rules as of 2026-01-01: 1 passed, 3 failed, 1 unknown, 1 not applicable, 1 skipped, 1 suppressed
FAIL: 1 error, 2 warnings, 1 remark; 1 finding suppressed

Exit code 1: at least one finding at or above --fail-on
"
`);
  });

  it('keeps to findings, unknowns and verdict when quiet', () => {
    expect(renderText(report(), { ...options, quiet: true })).toMatchInlineSnapshot(`
"error  agent/mode: Provisioning.Agent is cloud-init, which is not installed (/etc/waagent.conf:11)
warning  agent/mode: the service of the agent starts before the network (/usr/lib/systemd/system/walinuxagent.service)
warning  identity/root-password: root has a usable password (/etc/shadow:1)
info  storage/swap: there is a swap file
unknown  ssh/host-keys: /etc/ssh: permission denied; scan as a user who may read it
FAIL: 1 error, 2 warnings, 1 remark; 1 finding suppressed

Exit code 1: at least one finding at or above --fail-on
"
`);
  });

  it('names rules that crashed and targets that were not scanned, and counts them', () => {
    const crashed = image({
      results: [],
      verdict: 'undecided',
      internalErrors: [{ ruleId: 'agent/mode', message: 'x is not a function' }],
    });
    const unscanned = [{ target: 'empty', message: 'empty: the directory is empty' }];
    const text = renderText(report([crashed], { verdict: 'undecided', exitCode: 2, unscanned }), {
      ...options,
      exitMeaning: 'no verdict',
    });
    expect(text.slice(text.indexOf('Internal errors'))).toMatchInlineSnapshot(`
"Internal errors: defects of these rules, not of the image; please report them
  agent/mode: x is not a function

1 rule as of 2026-01-01: 0 passed, 0 failed, 0 unknown, 0 not applicable, 0
skipped, 0 suppressed, 1 crashed
UNDECIDED: 0 errors, 0 warnings, 0 remarks

not scanned  empty: the directory is empty

Exit code 2: no verdict: 1 target could not be scanned, 1 rule crashed
"
`);
  });

  it('hides the steps of a first boot that ends well, unless verbose', () => {
    const boot = {
      provisioner: 'waagent',
      outcome: 'ready',
      summary: 'waagent provisions',
      steps: ['it starts'],
      evidence: [],
    };
    const ready = report([image({ firstBoot: boot })]);
    expect(renderText(ready, options)).not.toContain('it starts');
    expect(renderText(ready, { ...options, verbose: true })).toContain('1. it starts');
  });

  it('names the image in the verdict line only when there are several', () => {
    const text = renderText(report([image(), image({ label: 'db', verdict: 'pass' })]), options);
    expect(text).toContain('FAIL web: ');
    expect(text).toContain('PASS db: ');
    expect(renderText(report(), options)).toContain('FAIL: ');
  });

  it('does not say that the image type is a default when it was declared', () => {
    const declared = image({
      intent: { ...image().intent, imageTypeDeclared: true, profiles: ['nvme'], generation: 2 },
    });
    expect(renderText(report([declared]), options)).toContain(
      'Judged as   generalized image, storage gallery, generation 2, profile nvme',
    );
  });

  it('counts rules that the settings leave out', () => {
    expect(renderText(report(), { ...options, leftOut: ['a/b', 'a/c'] })).toContain('2 left out by your settings');
  });

  it('shows five places of a finding and counts the others', () => {
    const evidence = Array.from({ length: 8 }, (_, index) => ({ path: `/etc/ssh/key${index}` }));
    const many = result('ssh/keys', { outcome: 'fail', findings: [finding('8 host keys', { evidence })] });
    const text = renderText(report([image({ results: [many] })]), options);
    expect(text).toContain('/etc/ssh/key4\n      and 3 more\n');
    expect(text).not.toContain('key5');
  });

  test.each([80, 120])('no line is wider than %i columns, except for words and commands to copy', (columns) => {
    const lines = renderText(report(), { ...options, columns, verbose: true }).split('\n');
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  });

  it('colours only with escape codes that it closes again', () => {
    const coloured = renderText(report(), { ...options, colour: true, verbose: true });
    const codes = coloured.match(/\u001b\[[0-9]+m/g) ?? [];
    expect(codes.length).toBeGreaterThan(20);
    const plain = coloured.replaceAll(/\u001b\[[0-9]+m/g, '');
    expect(plain).toBe(renderText(report(), { ...options, verbose: true }));
    for (const line of coloured.split('\n')) {
      expect((line.match(/\u001b\[[0-9]+m/g) ?? []).length % 2).toBe(0);
    }
  });
});
