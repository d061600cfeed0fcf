/** A rule that works as it stands. `library` is the module that it imports, `references` where its requirement stands. */
export function ruleTemplate(id: string, library: string, references: readonly string[]): string {
  return `import { defineRule, distribution, fail, finding, notApplicable, pass } from '${library}';

export default defineRule({
  id: '${id}',
  title: 'The image is of a distribution that exists',
  severity: 'info',
  rationale: 'Say what breaks, and on which boot.',
  remediation: 'Say what to do, in the imperative.',
  references: [${references.map((url) => `'${url}'`).join(', ')}],
  covers: [],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { distribution },
  check({ distribution }) {
    if (!distribution) return notApplicable('no release file names a distribution');
    if (distribution.id !== 'example') return pass(distribution.evidence);
    return fail(finding('the distribution calls itself example', distribution.evidence));
  },
});
`;
}

/** Its cases, of the three kinds that a rule needs. */
export const casesTemplate = `cases:
  - name: the defect, as small as it can be
    files:
      /etc/os-release: |
        ID=example
    expect:
      fail:
        - "info: the distribution calls itself example (/etc/os-release:1)"
  - name: the good state
    files:
      /etc/os-release: |
        ID=debian
    expect: pass
  - name: looks like the defect and is fine
    lookalike: true
    files:
      /etc/os-release: |
        ID=debian
        ID_LIKE=example
    expect: pass
`;
