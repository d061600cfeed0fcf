import {
  defineFact,
  defineRule,
  fail,
  finding,
  judge,
  notApplicable,
  pass,
  type Rule,
  unknown,
} from '../../src/rule-api.ts';

/** A file that decides what the sample rules say; undefined when the image lacks it. */
function textOf(path: string) {
  return defineFact<string | undefined>({
    id: `sample/${path}`,
    description: `The text of ${path}.`,
    reads: [path],
    compute: ({ rootFs }) => rootFs.readText(path),
  });
}

const common = {
  rationale: 'Something breaks on the first boot otherwise.',
  remediation: 'Put it right.',
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic'],
  covers: [],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
} as const;

/** Rules so plain that transcripts of the command line stay the same whatever becomes of the real ones. */
export const sampleRules: readonly Rule[] = [
  defineRule({
    ...common,
    id: 'sample/crash',
    title: 'The sample does not crash',
    severity: 'error',
    facts: { text: textOf('/etc/crash') },
    check({ text }) {
      if (text !== undefined) throw new TypeError(`cannot read ${text.trim()}`);
      return notApplicable('/etc/crash is not there');
    },
  }),
  defineRule({
    ...common,
    id: 'sample/hostname',
    title: 'The host name is empty',
    severity: { base: 'error', marketplace: 'error' },
    fix: [': > /etc/hostname'],
    facts: { text: textOf('/etc/hostname') },
    check({ text }) {
      if (!text) return pass({ path: '/etc/hostname' });
      const name = text.trimEnd();
      return fail(finding(`the host name is ${name}`, { path: '/etc/hostname', line: 1, text: name }));
    },
  }),
  defineRule({
    ...common,
    id: 'sample/many',
    title: 'The file of many lines is absent',
    severity: 'info',
    facts: { text: textOf('/etc/many') },
    check({ text = '' }) {
      const lines = text.split('\n').filter((line) => line !== '');
      return judge(
        lines.map((line, index) =>
          finding(`line ${index + 1} is there`, { path: '/etc/many', line: index + 1, text: line }),
        ),
      );
    },
  }),
  defineRule({
    ...common,
    id: 'sample/secret',
    title: 'The secret can be read',
    severity: 'error',
    facts: { text: textOf('/etc/secret') },
    check({ text }) {
      return text === '?' ? unknown('the secret is a riddle') : pass();
    },
  }),
  defineRule({
    ...common,
    id: 'other/warning',
    title: 'There is nothing to be warned of',
    severity: { base: 'warning', marketplace: 'error' },
    facts: { text: textOf('/etc/warning') },
    check({ text }) {
      return text === undefined ? pass() : fail(finding('there is a warning', { path: '/etc/warning' }));
    },
  }),
];
