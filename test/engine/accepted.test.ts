import { describe, expect, it, test } from '@jest/globals';
import { baselineOf, compareWithBaseline, pruneBaseline } from '../../src/engine/baseline.ts';
import type { ImageReport } from '../../src/engine/model.ts';
import { type SuppressionEntry, suppress } from '../../src/engine/suppress.ts';
import { finding, image, result } from '../reports/sample-report.ts';

const gate = { failOn: 'error', allowUnknown: false } as const;
const today = '2026-05-31';

const broken = image({
  label: 'web-12',
  results: [
    result('ssh/root-login', {
      outcome: 'fail',
      findings: [
        finding('root may log in', { evidence: [{ path: '/etc/ssh/sshd_config', line: 3 }], fingerprint: 'a1' }),
        finding('root may log in', { evidence: [{ path: '/etc/ssh/sshd_config.d/x.conf' }], fingerprint: 'b2' }),
      ],
    }),
    result('storage/swap', { outcome: 'unknown', reason: '/etc/fstab: permission denied' }),
  ],
});

function suppressedBy(entry: Omit<SuppressionEntry, 'reason'>) {
  return suppress(broken, [{ reason: 'accepted', ...entry }], { ...gate, today });
}

describe('suppressions', () => {
  test.each([
    ['a whole rule', { rule: 'ssh/root-login' }, { error: 0, fail: 0, unknown: 1, suppressed: 1 }, 'undecided'],
    ['a whole area', { rule: 'ssh' }, { error: 0, fail: 0, suppressed: 1 }, 'undecided'],
    ['one file', { rule: 'ssh', path: '/etc/ssh/sshd_config' }, { error: 1, fail: 1, suppressed: 0 }, 'fail'],
    [
      'files by pattern',
      { rule: 'ssh', path: '/etc/*' },
      { error: 0, suppressed: 1, suppressedFindings: 2 },
      'undecided',
    ],
    ['images by pattern', { rule: 'ssh', image: 'web-*' }, { error: 0 }, 'undecided'],
    ['other images', { rule: 'ssh', image: 'db-*' }, { error: 2, suppressedFindings: 0 }, 'fail'],
    ['a rule that is undecided', { rule: 'storage/swap' }, { unknown: 0, suppressed: 1, error: 2 }, 'fail'],
    ['a rule whose name only begins so', { rule: 'ssh/root' }, { error: 2 }, 'fail'],
    ['until its last day', { rule: 'ssh', expires: today }, { error: 0 }, 'undecided'],
    ['no longer', { rule: 'ssh', expires: '2026-05-30' }, { error: 2, suppressedFindings: 0 }, 'fail'],
  ] as const)('hold for %s', (_name, entry, counts, verdict) => {
    const { image: judged } = suppressedBy(entry);
    expect(judged.counts).toMatchObject(counts);
    expect(judged.verdict).toBe(verdict);
  });

  it('leave a result failed by what else it found', () => {
    const [first] = suppressedBy({ rule: 'ssh', path: '/etc/ssh/sshd_config' }).image.results;
    expect(first).toMatchObject({
      outcome: 'fail',
      findings: [{ suppressed: { reason: 'accepted', by: 'configuration' } }, { fingerprint: 'b2' }],
    });
    expect(first).not.toHaveProperty('suppressed');
    expect(first?.findings[1]).not.toHaveProperty('suppressed');
  });

  it('tell which of them something needed, the expired ones too', () => {
    const entries = [
      { rule: 'ssh', reason: 'r', expires: '2020-01-01' },
      { rule: 'agent', reason: 'r' },
    ];
    expect([...suppress(broken, entries, { ...gate, today }).used]).toEqual([entries[0]]);
  });

  it('never hide that a rule crashed', () => {
    const crashed = image({ results: [], internalErrors: [{ ruleId: 'a/b', message: 'm' }] });
    expect(suppress(crashed, [{ rule: 'a', reason: 'r' }], { ...gate, today }).image.verdict).toBe('undecided');
  });
});

/** The same image after one finding went and another came. */
const later: ImageReport = {
  ...broken,
  results: [
    result('ssh/root-login', {
      outcome: 'fail',
      findings: [finding('root may log in', { fingerprint: 'b2' }), finding('no keys', { fingerprint: 'c3' })],
    }),
  ],
};

describe('baseline', () => {
  const known = baselineOf([broken]);

  it('holds the live findings by label, with what a reader needs', () => {
    expect(known).toEqual({
      'web-12': [
        { ruleId: 'ssh/root-login', message: 'root may log in', path: '/etc/ssh/sshd_config', fingerprint: 'a1' },
        {
          ruleId: 'ssh/root-login',
          message: 'root may log in',
          path: '/etc/ssh/sshd_config.d/x.conf',
          fingerprint: 'b2',
        },
      ],
    });
    const accepted = suppress(broken, [{ rule: 'ssh', reason: 'r' }], { ...gate, today }).image;
    expect(baselineOf([accepted])).toEqual({ 'web-12': [] });
  });

  it('takes what it knows out of the verdict and tells new, unchanged and fixed', () => {
    const compared = compareWithBaseline(later, known, gate);
    expect(compared.baseline).toEqual({
      new: 1,
      unchanged: 1,
      fixed: [{ ruleId: 'ssh/root-login', message: 'root may log in', path: '/etc/ssh/sshd_config' }],
    });
    expect(compared.counts).toMatchObject({ error: 1, suppressedFindings: 1 });
    expect(compared.verdict).toBe('fail');
    expect(compareWithBaseline({ ...broken, results: broken.results.slice(0, 1) }, known, gate).verdict).toBe('pass');
  });

  it('calls nothing fixed that could not be looked at', () => {
    const blind = { ...later, results: [result('ssh/root-login', { outcome: 'unknown', reason: 'r' })] };
    expect(compareWithBaseline(blind, known, gate).baseline).toEqual({ new: 0, unchanged: 0, fixed: [] });
    expect(pruneBaseline(known, [blind])).toEqual(known);
  });

  it('counts everything as new for an image that it does not know', () => {
    expect(compareWithBaseline(later, {}, gate).baseline).toEqual({ new: 2, unchanged: 0, fixed: [] });
  });

  it('is pruned of what is fixed, keeps other images, and takes nothing new in', () => {
    const both = { ...known, db: [{ ruleId: 'a/b', message: 'm', fingerprint: 'd4' }] };
    expect(pruneBaseline(both, [later])).toEqual({
      'web-12': [known['web-12']?.[1]],
      db: both.db,
    });
  });
});
