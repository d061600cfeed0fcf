import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { load } from 'js-yaml';
import { materialize } from '../../src/testing/materialize.ts';
import { readBaseTree } from '../../src/testing/rule-cases.ts';

export const top = join(import.meta.dirname, '..', '..');
const roots = join(top, 'fixtures', 'roots');

export type Fields = ReadonlyMap<string, unknown>;

/** Value of a YAML file of the repository. */
export function readYaml(name: string): unknown {
  return load(readFileSync(join(top, name), 'utf8'));
}

/** Keys and values of a mapping; none of anything else. */
export function fields(value: unknown): Fields {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

/** Every text that stands under one of the keys, at any depth; a list of texts is one script of several lines. */
export function scriptsIn(value: unknown, keys: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => scriptsIn(item, keys));
  return [...fields(value)].flatMap(([key, content]) => {
    if (!keys.includes(key)) return scriptsIn(content, keys);
    return [Array.isArray(content) ? content.join('\n') : String(content)];
  });
}

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A working directory with the images `good`, `bad` and `unreadable`, and the programs that the scripts call. */
export class Workbench {
  readonly scratch = realpathSync(mkdtempSync(join(tmpdir(), 'kits-')));
  readonly folder = join(this.scratch, 'work');
  readonly programs = join(this.scratch, 'bin');

  constructor() {
    for (const folder of [this.folder, this.programs]) mkdirSync(folder);
    this.addImage('good');
    this.addImage('bad');
    writeFileSync(join(this.folder, 'unreadable'), 'no image at all');
    this.restorePrograms();
  }

  /** The program itself, and an npm that puts it where npm would, unless that version is not published. */
  restorePrograms(): void {
    rmSync(join(this.programs, 'node'), { force: true });
    this.addProgram('vhd-preflight', preflight);
    this.addProgram(
      'npm',
      `prefix=; for word; do if [ "$before" = --prefix ]; then prefix=$word; fi; before=$word; last=$word; done
case $last in vhd-preflight@0.1.0) ;; *) echo "npm error 404 $last" >&2; exit 1 ;; esac
if [ -n "$prefix" ]; then
  mkdir -p "$prefix/node_modules/.bin"
  cp "${join(this.programs, 'vhd-preflight')}" "$prefix/node_modules/.bin/vhd-preflight"
fi`,
    );
  }

  /** A good image, or one with a defect of severity error. */
  addImage(kind: 'good' | 'bad', name: string = kind): void {
    this.addTree('debian-12', name);
    if (kind === 'bad') writeFileSync(join(this.folder, name, 'etc/cloud/cloud-init.disabled'), '');
  }

  /** A base tree of the fixtures. */
  addTree(base: string, name: string): void {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    materialize(readBaseTree(roots, base), folder);
  }

  addProgram(name: string, script: string): void {
    const path = join(this.programs, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** Runs a script as the runners of GitHub do for `shell: bash`. */
  run(script: string, env: Readonly<Record<string, string>>, words: readonly string[] = []): Run {
    const file = join(this.scratch, 'script.sh');
    writeFileSync(file, script);
    const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file, ...words], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { PATH: `${this.programs}:${process.env['PATH']}`, ...sameEveryDay, ...env },
    });
    return { status, stdout, stderr };
  }

  remove(): void {
    rmSync(this.scratch, { recursive: true });
  }
}

/** The support of a release ends on some day, and then something else is said of these images. */
const sameEveryDay = { VHD_PREFLIGHT_RULE: 'distro/supported-release=off' };

const preflight = `exec '${process.execPath}' '${join(top, 'bin', 'vhd-preflight.js')}' "$@"`;

/** What shellcheck has against a script; nothing when it is content. */
export function shellcheck(script: string): string {
  return spawnSync('shellcheck', ['--shell=bash', '-'], { input: script, encoding: 'utf8' }).stdout;
}

export const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
