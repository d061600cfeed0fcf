import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../../config/usage-error.ts';
import { toolName, version } from '../../version.ts';
import { exitCodes } from '../exit-code.ts';
import { builtInRules, type CliIo } from '../io.ts';
import { casesTemplate, ruleTemplate } from './rule-template.ts';

/** Writes a rule of a plugin with its cases into the working directory, and the package around it where there is none. */
export async function newPluginRule(id: string, io: CliIo): Promise<number> {
  const [plugin = '', name = ''] = id.split('/');
  if ((await builtInRules(io)).some((rule) => rule.id.startsWith(`${plugin}/`)))
    throw new UsageError(
      `"${plugin}" is an area of built-in rules, which are written in a checkout of ${toolName}; give a plugin a name of its own`,
    );
  const rule = `rules/${name}.js`;
  const cases = `rules/${name}.yaml`;
  const taken = [rule, cases].find((path) => existsSync(join(io.cwd, path)));
  if (taken) throw new UsageError(`${taken} exists already`);
  const hasIndex = existsSync(join(io.cwd, 'index.js'));
  const files = [
    [rule, ruleTemplate(id, toolName, [])],
    [cases, casesTemplate],
    ['index.js', indexTemplate(plugin, name)],
    ['package.json', packageTemplate(plugin)],
    ['test/rules.test.js', testTemplate],
  ] as const;
  for (const [path, text] of files) {
    if (existsSync(join(io.cwd, path))) continue;
    mkdirSync(dirname(join(io.cwd, path)), { recursive: true });
    writeFileSync(join(io.cwd, path), text, { flag: 'wx' });
    io.stdout.write(`wrote ${path}\n`);
  }
  const listed = hasIndex ? `add it to the rules of index.js (import ${variable(name)} from './${rule}'), ` : '';
  io.stdout.write(`Now write the rule and its cases, ${listed}then run: npm install && npm test\n`);
  return exitCodes.pass.code;
}

function variable(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

function indexTemplate(plugin: string, name: string): string {
  return `import { definePlugin } from '${toolName}';
import ${variable(name)} from './rules/${name}.js';

export default definePlugin({ apiVersion: 1, name: '${plugin}', rules: [${variable(name)}] });
`;
}

function packageTemplate(plugin: string): string {
  const content = {
    name: `${toolName}-plugin-${plugin}`,
    version: '0.1.0',
    type: 'module',
    exports: './index.js',
    files: ['index.js', 'rules/*.js'],
    scripts: { test: 'node --test' },
    peerDependencies: { [toolName]: `^${version}` },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

const testTemplate = `import test from 'node:test';
import { readRuleCases, ruleTests } from '${toolName}/testing';
import plugin from '../index.js';

for (const rule of plugin.rules) {
  const [, name] = rule.id.split('/');
  const cases = readRuleCases(new URL(\`../rules/\${name}.yaml\`, import.meta.url));
  for (const [title, run] of ruleTests(rule, cases)) test(\`\${rule.id}: \${title}\`, run);
}
`;
