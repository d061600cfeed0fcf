import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import rules from '../rules/index.ts';
import { describeExitCode, exitCodes } from '../src/cli/exit-code.ts';
import { materialize } from '../src/testing/materialize.ts';
import { readBaseTree } from '../src/testing/rule-cases.ts';
import { runCli } from './cli/in-process.ts';

const top = join(import.meta.dirname, '..');
const readme = readFileSync(join(top, 'README.md'), 'utf8');

describe('README', () => {
  test('shows a session that the command prints', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'vhd-preflight-readme-'));
    try {
      mkdirSync(join(cwd, 'demo'));
      materialize(readBaseTree(join(top, 'fixtures', 'roots'), '../demo/half-generalized'), join(cwd, 'demo'));
      const { stdout, code } = await runCli(['demo'], { cwd, rules, columns: 100 });
      const session = /```text\n([\s\S]*?)```/.exec(readme)?.[1] ?? 'no session';
      let from = 0;
      for (const part of session.split('[...]\n')) {
        const at = stdout.indexOf(part, from);
        if (at < 0) expect(stdout).toContain(part);
        from = at + part.length;
      }
      expect(code).toBe(1);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  test('gives each exit code the meaning that the program gives it', () => {
    for (const exitCode of Object.values(exitCodes)) {
      const row = readme.split('\n').find((line) => line.startsWith(`| ${exitCode.code} |`)) ?? '';
      for (const word of describeExitCode(exitCode).match(/[a-z]{5,}/g) ?? []) expect(row).toContain(word);
    }
  });
});
