import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { UsageError } from '../../config/usage-error.ts';
import { toolName } from '../../version.ts';
import { exitCodes } from '../exit-code.ts';
import type { CliIo } from '../io.ts';
import { enclosingPackage } from '../package-root.ts';

const idPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*\/[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** What brings the generated files of a checkout up to date after a rule has been added. */
const followUps: readonly (readonly string[])[] = [
  ['scripts/generate-rule-index.js'],
  ['scripts/build.js'],
  ['bin/vhd-preflight.js', 'rules', '--write', 'docs/rules'],
];

/** Writes a working rule and its cases as a start, and regenerates what follows from them. Never overwrites. */
export async function newRule(id: string, io: CliIo): Promise<number> {
  if (!idPattern.test(id)) {
    throw new UsageError(`expected area/name in lower case with hyphens, such as boot/serial-console, found "${id}"`);
  }
  const root = checkoutAround(io.cwd);
  const files = [
    [join(root, 'rules', `${id}.ts`), ruleTemplate(id)],
    [join(root, 'fixtures', 'rules', `${id}.yaml`), casesTemplate],
  ] as const;
  const taken = files.find(([path]) => existsSync(path));
  if (taken) throw new UsageError(`${relative(io.cwd, taken[0])} exists already`);
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
    io.stdout.write(`wrote ${relative(io.cwd, path)}\n`);
  }
  for (const command of followUps) regenerate(root, command, io);
  io.stdout.write(`Now write the rule and its cases, then run: npm run jest -- test/rules.test.ts -t '${id}'\n`);
  return exitCodes.pass.code;
}

function checkoutAround(cwd: string): string {
  const root = enclosingPackage(cwd);
  const isCheckout = root !== undefined && existsSync(join(root, 'rules', 'index.ts'));
  if (!isCheckout) throw new UsageError(`new-rule works only inside a checkout of ${toolName}`);
  return root;
}

function regenerate(root: string, command: readonly string[], io: CliIo): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command], { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  io.stderr.write(`${stdout}${stderr}`);
  throw new UsageError(`the rule is written, but "node ${command.join(' ')}" failed; run it again when that is mended`);
}

function ruleTemplate(id: string): string {
  return `import { defineRule, distribution, fail, finding, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: '${id}',
  title: 'The image is of a distribution that exists',
  severity: 'info',
  rationale: 'Say what breaks, and on which boot.',
  remediation: 'Say what to do, in the imperative.',
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic'],
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

const casesTemplate = `# One case is a whole tree; CONTRIBUTING.md tells what can stand here.
cases:
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
