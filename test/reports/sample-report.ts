import type { Finding, ImageReport, Report, Result } from '../../src/engine/model.ts';
import { countsOf } from '../../src/engine/verdict.ts';
import { nodeHost } from '../../src/host/host.ts';
import type { ReportOptions } from '../../src/reports/index.ts';

export const mark = 'a'.repeat(64);

export const options: ReportOptions = {
  colour: false,
  columns: 100,
  quiet: false,
  verbose: false,
  leftOut: [],
  exitMeaning: 'at least one finding at or above --fail-on',
  sarifFull: false,
  sha256: nodeHost.sha256,
};

export function finding(message: string, more: Partial<Finding> = {}): Finding {
  return { message, severity: 'error', evidence: [], fingerprint: mark, ...more };
}

export function result(ruleId: string, more: Partial<Result> = {}): Result {
  return {
    ruleId,
    covers: [],
    severity: 'error',
    outcome: 'pass',
    title: `The good state of ${ruleId}`,
    findings: [],
    rationale: 'Something breaks on the first boot otherwise.',
    remediation: 'Put it right.',
    docs: `docs/rules/${ruleId}.md`,
    ...more,
  };
}

/** An image with a result of every kind, unless told otherwise. */
export function image(more: Partial<ImageReport> = {}): ImageReport {
  const results = more.results ?? everyKindOfResult;
  return {
    target: 'images/web',
    label: 'web',
    kind: 'directory',
    intent: {
      imageType: 'generalized',
      imageTypeDeclared: false,
      storage: 'gallery',
      generation: null,
      profiles: [],
    },
    system: {
      distribution: { id: 'debian', versionId: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)', family: 'debian' },
      architecture: 'x86_64',
      agent: { version: '2.7.3.0' },
      cloudInit: null,
      kernels: ['6.1.0-31-cloud-amd64'],
      generation: null,
    },
    firstBoot: {
      provisioner: 'none',
      outcome: 'agent-waits',
      summary: 'waagent waits half an hour for a cloud-init that is not installed: provisioning times out',
      steps: ['waagent sees Provisioning.Agent=cloud-init and waits', 'nobody writes ovf-env.xml'],
      evidence: [{ path: '/etc/waagent.conf', line: 11, text: 'Provisioning.Agent=cloud-init' }],
    },
    verdict: 'fail',
    counts: countsOf(results),
    results,
    internalErrors: [],
    stats: { durationMs: 12, filesRead: 34, bytesRead: 5678, judgedOn: '2026-01-01' },
    ...more,
  };
}

export const everyKindOfResult: readonly Result[] = [
  result('agent/mode', {
    outcome: 'fail',
    severity: 'error',
    fix: ['apt-get install cloud-init', 'systemctl enable cloud-init'],
    findings: [
      finding('Provisioning.Agent is cloud-init, which is not installed', {
        evidence: [{ path: '/etc/waagent.conf', line: 11, text: 'Provisioning.Agent=cloud-init' }],
      }),
      finding('the service of the agent starts before the network', {
        severity: 'warning',
        evidence: [{ path: '/usr/lib/systemd/system/walinuxagent.service' }],
      }),
    ],
  }),
  result('identity/root-password', {
    outcome: 'fail',
    severity: 'warning',
    reason: 'incomplete: /etc/shadow-: permission denied',
    findings: [
      finding('root has a usable password', {
        severity: 'warning',
        evidence: [{ path: '/etc/shadow', line: 1, text: `root:${'*'.repeat(200)}:19000:0:99999:7:::` }],
      }),
    ],
  }),
  result('storage/swap', {
    outcome: 'fail',
    severity: 'info',
    findings: [finding('there is a swap file', { severity: 'info' })],
  }),
  result('network/resolver', { outcome: 'pass', evidence: [{ path: '/etc/resolv.conf' }] }),
  result('cloud-init/modules', { outcome: 'not-applicable', reason: 'cloud-init is not installed' }),
  result('disk/footer', { outcome: 'skipped', reason: 'this kind of target does not show: disk' }),
  result('ssh/host-keys', {
    outcome: 'unknown',
    reason: '/etc/ssh: permission denied; scan as a user who may read it',
  }),
  result('generalization/hostname', {
    outcome: 'fail',
    severity: 'warning',
    findings: [finding('the host name is vm', { severity: 'warning' })],
    suppressed: { reason: 'accepted until the new pipeline', expires: '2027-01-31', by: 'configuration' },
  }),
];

export function report(images: readonly ImageReport[] = [image()], more: Partial<Report> = {}): Report {
  return {
    schemaVersion: 1,
    tool: { name: 'vhd-preflight', version: '0.1.0' },
    verdict: 'fail',
    exitCode: 1,
    images,
    unscanned: [],
    ...more,
  };
}
