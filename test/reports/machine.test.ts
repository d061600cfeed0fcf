import { createRequire } from 'node:module';
import { describe, expect, it, test } from '@jest/globals';
import AjvModule from 'ajv';
import type { ImageReport, Report } from '../../src/engine/model.ts';
import { renderAzure } from '../../src/reports/azure.ts';
import { renderGithub } from '../../src/reports/github.ts';
import { renderGitlab } from '../../src/reports/gitlab.ts';
import { renderHtml } from '../../src/reports/html.ts';
import type { Reporter, ReportOptions } from '../../src/reports/index.ts';
import { renderJunit } from '../../src/reports/junit.ts';
import { renderMarkdown } from '../../src/reports/markdown.ts';
import { renderSarif } from '../../src/reports/sarif.ts';
import { finding, image, options, report, result } from './sample-report.ts';

const machineFormats: Readonly<Record<string, Reporter>> = {
  sarif: renderSarif,
  junit: renderJunit,
  github: renderGithub,
  azure: renderAzure,
  gitlab: renderGitlab,
  html: renderHtml,
  markdown: renderMarkdown,
};

const crashed: ImageReport = image({
  label: 'db',
  verdict: 'undecided',
  results: [],
  internalErrors: [{ ruleId: 'agent/mode', message: 'x is not a function' }],
});
const unscanned: Report['unscanned'] = [{ target: 'gone.vhd', message: 'gone.vhd: no such file or directory' }];

/** What SARIF, GitLab and the like gave, as far as these tests look at it. */
interface SarifRun {
  readonly automationDetails: { readonly id: string };
  readonly invocations: readonly {
    readonly executionSuccessful: boolean;
    readonly toolExecutionNotifications: unknown[];
  }[];
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly kind?: string;
    readonly message: { readonly text: string };
    readonly suppressions?: readonly unknown[];
    readonly locations: readonly {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: Readonly<Record<string, number>>;
      };
    }[];
    readonly partialFingerprints?: { readonly primaryLocationLineHash: string };
  }[];
  readonly tool: {
    readonly driver: { readonly rules: readonly { readonly id: string; readonly help: { readonly text: string } }[] };
  };
}

function sarifRuns(of: Report, more: Partial<ReportOptions> = {}): readonly SarifRun[] {
  // The schema tests below hold the shape.
  return (JSON.parse(renderSarif(of, { ...options, ...more })) as { readonly runs: readonly SarifRun[] }).runs;
}

describe('SARIF', () => {
  // Written for draft 4 of JSON Schema, of which it uses nothing but the name of its `id` that later drafts changed.
  const {
    $schema: _draft,
    id: _id,
    ...schema
  } = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  const Ajv = AjvModule.default;
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

  test.each([
    ['an image with everything', report()],
    [
      'several images, one of them crashed, and a target that was not scanned',
      report([image(), crashed], { unscanned }),
    ],
    ['nothing but a target that was not scanned', report([], { unscanned })],
    ['an image without findings', report([image({ results: [] })])],
  ])('of %s is as the OASIS schema wants it', (_name, of) => {
    for (const sarifFull of [false, true]) {
      validate(JSON.parse(renderSarif(of, { ...options, sarifFull })));
      expect(validate.errors).toBeNull();
    }
  });

  it('has what GitHub code scanning requires of every result', () => {
    const [run] = sarifRuns(report());
    expect(run?.results.map(({ ruleId, level }) => `${level} ${ruleId}`)).toEqual([
      'error agent/mode',
      'warning agent/mode',
      'warning identity/root-password',
      'note storage/swap',
      'error ssh/host-keys',
    ]);
    for (const one of run?.results ?? []) {
      expect(run?.tool.driver.rules[one.ruleIndex]?.id).toBe(one.ruleId);
      const [location] = one.locations;
      expect(location?.physicalLocation.artifactLocation.uri).toMatch(/^web(\/|$)/);
      expect(Object.keys(location?.physicalLocation.region ?? {})).toEqual([
        'startLine',
        'startColumn',
        'endLine',
        'endColumn',
      ]);
      expect(one.partialFingerprints?.primaryLocationLineHash).toMatch(/^[0-9a-f]{64}:1$/);
    }
    expect(run?.results[0]?.locations[0]?.physicalLocation).toMatchObject({
      artifactLocation: { uri: 'web/etc/waagent.conf' },
      region: { startLine: 11 },
    });
    expect(run?.results[0]?.message.text).toBe(
      'Provisioning.Agent is cloud-init, which is not installed (/etc/waagent.conf:11)',
    );
  });

  it('leaves out what would become an open alert: passed, suppressed and not applicable results', () => {
    const [run] = sarifRuns(report());
    expect(run?.results.map(({ ruleId }) => ruleId)).not.toContain('generalization/hostname');
    expect(run?.results.every((one) => one.kind === undefined && one.suppressions === undefined)).toBe(true);
  });

  it('tells viewers who can tell them apart about these too, when asked', () => {
    const [run] = sarifRuns(report(), { sarifFull: true });
    const kinds = run?.results.map(
      ({ ruleId, kind, suppressions }) => `${kind} ${ruleId}${suppressions ? ' suppressed' : ''}`,
    );
    expect(kinds).toEqual([
      'fail agent/mode',
      'fail agent/mode',
      'fail identity/root-password',
      'fail storage/swap',
      'open ssh/host-keys',
      'pass network/resolver',
      'notApplicable cloud-init/modules',
      'notApplicable disk/footer',
      'fail generalization/hostname suppressed',
    ]);
  });

  it('puts all alerts on one file of the repository when asked', () => {
    const [run] = sarifRuns(report(), { anchor: './images/web site.pkr.hcl' });
    const places = run?.results.map(({ locations: [one] }) => one?.physicalLocation);
    expect(new Set(places?.map((place) => JSON.stringify(place))).size).toBe(1);
    expect(places?.[0]).toEqual({
      artifactLocation: { uri: 'images/web%20site.pkr.hcl' },
      region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
    });
  });

  it('has a category and alerts of its own for each image, and no run for one that could not be scanned', () => {
    const runs = sarifRuns(report([image(), image({ label: 'db' })], { unscanned }));
    expect(runs.map(({ automationDetails }) => automationDetails.id)).toEqual([
      'vhd-preflight/web/',
      'vhd-preflight/db/',
    ]);
    const marks = runs.flatMap(({ results }) => results.map((one) => one.partialFingerprints?.primaryLocationLineHash));
    // The sample gives all findings of an image one fingerprint, and its undecided rule another.
    expect(new Set(marks).size).toBe(4);
    expect(runs[0]?.invocations[0]).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [{ message: { text: 'not scanned: gone.vhd: no such file or directory' } }],
    });
    expect(runs[1]?.invocations[0]).toEqual({ executionSuccessful: true, toolExecutionNotifications: [] });
  });

  it('has a run without results for an image without alerts, so that old ones close', () => {
    const [run] = sarifRuns(report([image({ results: [result('a/b')] })]));
    expect(run).toMatchObject({ results: [], invocations: [{ executionSuccessful: true }] });
  });

  it('survives names that are not UTF-8', () => {
    const odd = result('a/b', { outcome: 'fail', findings: [finding('m', { evidence: [{ path: '/etc/\udcff x' }] })] });
    const [run] = sarifRuns(report([image({ results: [odd] })]));
    expect(run?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('web/etc/%5Cxff%20x');
  });
});

describe('JUnit', () => {
  it('has a suite for each image and a test for each rule, as Azure DevOps counts them', () => {
    const text = renderJunit(report([image()], { unscanned }));
    expect(text).toContain('<testsuite name="web" tests="8" failures="3" errors="1" skipped="3" time="0.012">');
    expect(text).toContain('<testsuite name="gone.vhd" tests="1" failures="0" errors="1" skipped="0" time="0">');
    expect(text).toContain(
      '<testcase classname="network" name="network/resolver: The good state of network/resolver" time="0"/>',
    );
    expect(text).toContain(
      '<failure type="error" message="Provisioning.Agent is cloud-init, which is not installed; the service of the agent starts before the network">' +
        'error: Provisioning.Agent is cloud-init, which is not installed\n  /etc/waagent.conf:11  Provisioning.Agent=cloud-init\n',
    );
    expect(text).toContain('Fix: Put it right.\n  $ apt-get install cloud-init\n');
    expect(text).toContain('<skipped message="not-applicable: cloud-init is not installed"/>');
    expect(text).toContain('<skipped message="suppressed: accepted until the new pipeline"/>');
    expect(text).toContain(
      '<error message="could not be decided: /etc/ssh: permission denied; scan as a user who may read it"/>',
    );
  });

  it('counts a rule that crashed as an error', () => {
    const text = renderJunit(report([crashed]));
    expect(text).toContain('tests="1" failures="0" errors="1"');
    expect(text).toContain('<error message="the rule crashed: x is not a function"/>');
  });
});

describe('GitHub annotations', () => {
  it('are commands with title, place and fix, and end with the verdict', () => {
    expect(renderGithub(report([image()], { unscanned }), options)).toBe(
      [
        '::error title=web%3A agent/mode::Provisioning.Agent is cloud-init, which is not installed (/etc/waagent.conf:11). Put it right.',
        '::warning title=web%3A agent/mode::the service of the agent starts before the network (/usr/lib/systemd/system/walinuxagent.service). Put it right.',
        '::warning title=web%3A identity/root-password::root has a usable password (/etc/shadow:1). Put it right.',
        '::notice title=web%3A storage/swap::there is a swap file. Put it right.',
        '::error title=web%3A ssh/host-keys::could not be decided: /etc/ssh: permission denied; scan as a user who may read it. Put it right.',
        '::error title=vhd-preflight::not scanned: gone.vhd: no such file or directory',
        'web: fail: errors 1, warnings 2, remarks 1, undecided 1',
        'Exit code 1: at least one finding at or above --fail-on',
        '',
      ].join('\n'),
    );
  });

  it('stand on a file of the repository when asked', () => {
    const text = renderGithub(report(), { ...options, anchor: 'images/a,b.hcl' });
    expect(text).toContain('::error file=images/a%2Cb.hcl,title=web%3A agent/mode::');
  });
});

describe('Azure Pipelines issues', () => {
  it('are logging commands for errors and warnings', () => {
    const lines = renderAzure(report(), options).split('\n');
    expect(lines[0]).toBe(
      '##vso[task.logissue type=error;code=agent/mode;]web: Provisioning.Agent is cloud-init, which is not installed (/etc/waagent.conf:11). Put it right.',
    );
    expect(lines.filter((line) => line.startsWith('##vso[task.logissue '))).toHaveLength(4);
    expect(lines.join('\n')).not.toContain('swap');
  });

  it('write a percent sign as newer agents read it', () => {
    const full = result('a/b', { outcome: 'fail', findings: [finding('100% full')] });
    expect(renderAzure(report([image({ results: [full] })]), options)).toContain('100%AZP25 full');
  });
});

describe('GitLab code quality', () => {
  it('has what GitLab requires of every entry, and no fingerprint twice over two images', () => {
    const distinct = [
      result('a/b', { outcome: 'fail', findings: [finding('m', { evidence: [{ path: '/etc/x', line: 3 }] })] }),
    ];
    const images = [image({ results: distinct }), image({ label: 'db', results: distinct })];
    const entries: readonly Readonly<Record<string, unknown>>[] = JSON.parse(renderGitlab(report(images), options));
    expect(entries).toMatchObject([
      {
        description: 'm',
        check_name: 'a/b',
        severity: 'critical',
        location: { path: 'web/etc/x', lines: { begin: 3 } },
      },
      { location: { path: 'db/etc/x' } },
    ]);
    expect(new Set(entries.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  it('tells of crashes and of what was not scanned', () => {
    const entries: readonly unknown[] = JSON.parse(renderGitlab(report([crashed], { unscanned }), options));
    expect(entries).toMatchObject([{ severity: 'blocker' }, { severity: 'blocker' }]);
  });
});

describe('Markdown', () => {
  it('tells verdict, first boot, findings with evidence and fix, what is undecided and what is suppressed', () => {
    const text = renderMarkdown(report([image()], { warnings: ['x: nothing needs it'], unscanned }), options);
    for (const part of [
      '# ❌ fail: vhd-preflight\n',
      '## Problems of the run\n\n- not scanned: gone.vhd: no such file or directory\n',
      '## Settings\n\n- x: nothing needs it\n',
      '**First boot:** waagent waits half an hour',
      '### Errors\n\n#### agent/mode\n\n- Provisioning.Agent is cloud-init, which is not installed\n  - `/etc/waagent.conf:11`: `Provisioning.Agent=cloud-init`\n',
      '### Undecided\n\n- ssh/host-keys (error): /etc/ssh: permission denied',
      '### Suppressed\n\n- generalization/hostname: the host name is vm (accepted until the new pipeline, until 2027-01-31)',
      '8 rules as of 2026-01-01: 1 passed, 3 failed, 1 unknown, 1 not applicable, 1 skipped, 1 suppressed.',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('| Image |');
  });

  it('begins with a table when there are several images', () => {
    const text = renderMarkdown(report([image(), crashed]), options);
    expect(text).toContain('| web | ❌ fail | 1 | 2 | 1 | 1 |\n| db | ❔ undecided | 0 | 0 | 0 | 0 |');
  });
});

const hostile =
  '::error::x\n::stop-commands::y ##vso[task.setvariable variable=a]b ##[error]c \u001b[31m\u202e<script>alert(1)</script>&"]]>|`$(id)`';

describe.each(Object.entries(machineFormats))('%s', (name, render) => {
  const place = { path: `/etc/${hostile}`, line: 1, text: hostile };
  const text = render(
    report(
      [
        image({
          label: hostile,
          results: [
            result('a/fail', { outcome: 'fail', reason: hostile, findings: [finding(hostile, { evidence: [place] })] }),
            result('a/unknown', { outcome: 'unknown', reason: hostile }),
            result('a/skipped', { outcome: 'skipped', reason: hostile }),
          ],
          notices: [hostile],
          internalErrors: [{ ruleId: 'a/crash', message: hostile }],
        }),
      ],
      { unscanned: [{ target: hostile, message: hostile }], warnings: [hostile] },
    ),
    { ...options, sarifFull: true },
  );

  it('lets no text of an image command a runner, a terminal or a viewer', () => {
    const own =
      /^(?:::(?:error|warning|notice) (?:file=[^,]*,)?title=[^:]*::|##vso\[task\.logissue type=(?:error|warning);(?:code=[a-z/-]+;)?\])/;
    for (const line of text.split('\n')) {
      const rest = name === 'github' || name === 'azure' ? line.replace(own, '') : line;
      expect(rest).not.toMatch(/##\[|##vso\[/i);
      expect(rest.trimStart()).not.toMatch(/^::/);
      expect(rest).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202e]/);
    }
    if (name === 'junit' || name === 'html') expect(text).not.toContain('<script>alert');
  });

  it('is the same in every run', () => {
    expect(render(report(), options)).toBe(render(report(), options));
  });
});
