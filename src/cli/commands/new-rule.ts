import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { UsageError } from '../../config/usage-error.ts';
import { exitCodes } from '../exit-code.ts';
import type { CliIo } from '../io.ts';
import { enclosingPackage } from '../package-root.ts';
import { newPluginRule } from './new-plugin-rule.ts';
import { casesTemplate, ruleTemplate } from './rule-template.ts';

const idPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*\/[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const guide = 'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic';

const casesHint = '# One case is a whole tree; CONTRIBUTING.md tells what can stand here.\n';

/** What brings the generated files of a checkout up to date after a rule has been added. */
const followUps: readonly (readonly string[])[] = [
  ['scripts/generate-rule-index.js'],
  ['scripts/build.js'],
  ['bin/vhd-preflight.js', 'rules', '--write', 'docs/rules'],
];

/**
 * Writes a working rule and its cases as a start: in a checkout of this project a built-in one, with what is generated
 * from the rules, elsewhere one of a plugin. Never overwrites.
 */
export async function newRule(id: string, io: CliIo): Promise<number> {
  if (!idPattern.test(id)) {
    throw new UsageError(`expected area/name in lower case with hyphens, such as boot/serial-console, found "${id}"`);
  }
  const root = checkoutAround(io.cwd);
  if (root === undefined) return newPluginRule(id, io);
  const files = [
    [join(root, 'rules', `${id}.ts`), ruleTemplate(id, '../../src/rule-api.ts', [guide])],
    [join(root, 'fixtures', 'rules', `${id}.yaml`), `${casesHint}${casesTemplate}`],
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

/** Undefined outside of one, where a rule is one of a plugin. */
function checkoutAround(cwd: string): string | undefined {
  const root = enclosingPackage(cwd);
  return root !== undefined && existsSync(join(root, 'rules', 'index.ts')) ? root : undefined;
}

function regenerate(root: string, command: readonly string[], io: CliIo): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command], { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  io.stderr.write(`${stdout}${stderr}`);
  throw new UsageError(`the rule is written, but "node ${command.join(' ')}" failed; run it again when that is mended`);
}
