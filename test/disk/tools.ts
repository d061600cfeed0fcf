import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';

const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Runs a program and gives its standard output; throws with its standard error when it fails. */
export function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path, LC_ALL: 'C' },
  });
}

function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v "$0"`, program], { env: { ...process.env, PATH: path } }).status === 0;
}

/** What a suite cannot do without; the reason names what to install. */
export type Requirement = { readonly program: string; readonly package: string } | 'root' | 'loop';

function missing(requirement: Requirement): string | undefined {
  if (requirement === 'root') return process.getuid?.() === 0 ? undefined : 'needs root';
  if (requirement === 'loop')
    return spawnSync('losetup', ['-f'], { env: { ...process.env, PATH: path } }).status === 0 &&
      process.getuid?.() === 0
      ? undefined
      : 'needs loop devices and root';
  return isThere(requirement.program) ? undefined : `needs ${requirement.program} (package ${requirement.package})`;
}

/** A suite that needs real programs; without them it is skipped and its title says what it lacks. */
export function describeWith(requirements: readonly Requirement[], title: string, suite: () => void): void {
  const lacks = requirements.flatMap((requirement) => missing(requirement) ?? []);
  if (lacks.length === 0) describe(title, suite);
  else describe.skip(`${title}: skipped, ${lacks.join(', ')}`, suite);
}

/** A folder for images that goes when the suite ends. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-disk-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
