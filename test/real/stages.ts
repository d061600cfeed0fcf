import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ImageReport, Report } from '../../src/engine/model.ts';

/** Root that build-debian-root.sh made. Set by run.sh alone, in whose namespaces mounts are private. */
export const realRoot = process.env['VHD_PREFLIGHT_REAL_ROOT'];

const nobody = { uid: 65534, gid: 65534 };
const repository = resolve(import.meta.dirname, '../..');

/** A root filesystem made of layers: what is written to it stays in its own, top one. */
export interface Stage {
  /** Where it is mounted. */
  readonly path: string;
  /** Folders from the top down. */
  readonly layers: readonly string[];
}

/** A program that must succeed; its standard output. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly uid?: number; readonly gid?: number } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    input: '',
    maxBuffer: 1 << 28,
    ...options,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with status ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Memory for the layers of one suite, gone with it; the repository is mounted beside them, where any user can read it. */
export class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-'));
  #count = 0;

  constructor() {
    run('mount', ['-t', 'tmpfs', '-o', 'mode=0755,size=75%', 'tmpfs', this.#folder]);
    chmodSync(this.#folder, 0o755);
    mkdirSync(this.folder('repository'));
    run('mount', ['--bind', repository, join(this.#folder, 'repository')]);
  }

  /** A path in the workshop. */
  folder(name: string): string {
    return join(this.#folder, name);
  }

  /** A new layer over `layers`, changed by a shell script that runs inside it. */
  stage(layers: readonly string[], script = ''): Stage {
    const top = this.folder(String(this.#count++));
    const upper = join(top, 'upper');
    const work = join(top, 'work');
    const path = join(top, 'root');
    for (const folder of [top, upper, work, path]) mkdirSync(folder);
    run('mount', [
      '-t',
      'overlay',
      '-o',
      `lowerdir=${layers.join(':')},upperdir=${upper},workdir=${work}`,
      'overlay',
      path,
    ]);
    const stage = { path, layers: [upper, ...layers] };
    if (script !== '') inside(stage, script);
    return stage;
  }

  /** Gives up a stage that no other one stands on. */
  discard({ path }: Stage): void {
    run('umount', [path]);
    rmSync(join(path, '..'), { recursive: true });
  }

  /** The same scan as a user without any rights. */
  lintAsNobody(path: string, args: readonly string[] = []): Scan {
    return lint(path, args, { repository: this.folder('repository'), ...nobody });
  }

  /** The tree as an ordinary user unpacks it: owned by that user. Left out is what nobody reads at boot. */
  unpackedByNobody({ path }: Stage): string {
    const target = this.folder(`unpacked-${this.#count++}`);
    mkdirSync(target);
    run('chown', ['65534:65534', target]);
    const heavy = ['doc', 'i18n', 'locale', 'man'].map((name) => `--exclude=./usr/share/${name}`);
    const archive = `${target}.tar`;
    run('tar', ['--create', '--file', archive, '--directory', path, '--one-file-system', ...heavy, '.']);
    run('tar', ['--extract', '--file', archive, '--directory', target, '--no-same-owner', '--exclude=./dev/*'], nobody);
    rmSync(archive);
    return target;
  }

  close(): void {
    run('umount', ['--recursive', this.#folder]);
    rmSync(this.#folder, { recursive: true });
  }
}

/** Runs a shell script inside a stage with the stage's own programs. */
export function inside({ path }: Stage, script: string): string {
  return run('bash', [join(import.meta.dirname, 'in-root.sh'), path, 'bash', '-euxo', 'pipefail', '-c', script]);
}

/** What a scan came to, in lines that people can read and compare. */
export interface Scan {
  readonly exitCode: number | null;
  readonly verdict: string | undefined;
  readonly firstBoot: string | undefined;
  /** `rule: severity: message (place)`; sizes of logs are written as N */
  readonly findings: readonly string[];
  /** `rule: reason` */
  readonly unknown: readonly string[];
  readonly crashed: readonly string[];
  readonly errors: number;
}

/** Who scans, and from which copy of the repository; root from this one unless given. */
interface Scanner {
  readonly repository?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** Scans an image with the built command-line tool. */
export function lint(path: string, args: readonly string[] = [], as: Scanner = {}): Scan {
  const { image, exitCode } = reportOf(path, args, as);
  return scanOf(image, exitCode);
}

/** What the tool reports of an image, and the exit code that it gives. */
export function reportOf(
  path: string,
  args: readonly string[] = [],
  as: Scanner = {},
): { readonly image: ImageReport; readonly exitCode: number | null } {
  const { repository: folder = repository, ...user } = as;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'bin/vhd-preflight.js'), '--no-config', '--format', 'json', ...args, path],
    { encoding: 'utf8', input: '', maxBuffer: 1 << 28, ...user },
  );
  if (stdout === '') throw new Error(`no report: ${stderr}`);
  // The report is our own, and another suite holds it against its schema.
  const report = JSON.parse(stdout) as Report;
  const [image] = report.images;
  if (!image) throw new Error(`nothing scanned: ${report.unscanned.map(({ message }) => message).join('; ')}`);
  return { image, exitCode: status };
}

/** A message without what differs between two runs: logs hold times and durations. */
function lasting(message: string): string {
  return message.replace(/holds \d+ bytes of an earlier boot/, 'holds N bytes of an earlier boot');
}

/** A report in lines. */
export function scanOf(image: ImageReport, exitCode: number | null): Scan {
  const findings = image.results.flatMap(({ ruleId, findings: found }) =>
    found.map(({ severity, message, evidence: [first] }) => {
      const place = first && (first.line === undefined ? first.path : `${first.path}:${first.line}`);
      return `${ruleId}: ${severity}: ${lasting(message)}${place === undefined ? '' : ` (${place})`}`;
    }),
  );
  const unknown = image.results.filter(({ outcome }) => outcome === 'unknown');
  return {
    exitCode,
    verdict: image.verdict,
    firstBoot: image.firstBoot?.summary,
    findings: findings.sort(),
    unknown: unknown.map(({ ruleId, reason }) => `${ruleId}: ${reason}`).sort(),
    crashed: image.internalErrors.map(({ ruleId, message }) => `${ruleId}: ${message}`),
    errors: image.counts.error,
  };
}
