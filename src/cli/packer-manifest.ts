import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../config/usage-error.ts';
import { systemErrorCode } from '../host/system-error.ts';
import type { CliIo } from './io.ts';

/** Files that builders leave beside a disk. */
const companion = /\.(?:fd|json|txt|log|md5|sha1|sha256|sha512|ovf|mf|nvram|vmx|xml)$/i;

/**
 * The disks of the build that Packer is running: its manifest collects builds of all runs, and only its environment says
 * which one is meant. Outside of Packer it is the last run, and every build of it.
 *
 * @throws {UsageError} when the manifest cannot be read, or has no disk of this build.
 */
export function packerTargets(name: string, { cwd, env }: Pick<CliIo, 'cwd' | 'env'>): readonly string[] {
  const manifest = readManifest(name, cwd);
  const run = env['PACKER_RUN_UUID'] || manifest.lastRun;
  const build = env['PACKER_BUILD_NAME'] || undefined;
  const ofRun = manifest.builds.filter((one) => one.run === run);
  const chosen = ofRun.filter((one) => build === undefined || one.name === build);
  if (chosen.length === 0) {
    const others = ofRun.length > 0 ? `; it has ${ofRun.map((one) => one.name).join(', ')}` : '';
    const wanted = build === undefined ? 'a build' : `the build "${build}"`;
    throw new UsageError(
      `--packer-manifest: ${name}: lacks ${wanted} of this run (${run ?? 'no run'})${others}; the manifest must come before the gate in one chain of post-processors`,
    );
  }
  const files = chosen.flatMap((one) => one.files);
  const disks = files.filter((file) => !companion.test(file));
  if (disks.length > 0) return disks;
  throw new UsageError(`--packer-manifest: ${name}: names no disk, only ${files.join(', ') || 'no file at all'}`);
}

interface Build {
  readonly name: string;
  readonly run: string;
  readonly files: readonly string[];
}

function readManifest(name: string, cwd: string): { readonly builds: readonly Build[]; readonly lastRun?: string } {
  const bad = (why: string) => new UsageError(`--packer-manifest: ${name}: ${why}`);
  let text: string;
  try {
    text = readFileSync(resolve(cwd, name), 'utf8');
  } catch (error) {
    throw bad(systemErrorCode(error) === 'ENOENT' ? 'does not exist' : systemErrorCode(error));
  }
  try {
    const manifest = fields(JSON.parse(text));
    const lastRun = manifest.get('last_run_uuid');
    return { builds: list(manifest.get('builds')).map(buildOf), ...(typeof lastRun === 'string' && { lastRun }) };
  } catch (error) {
    if (error instanceof SyntaxError) throw bad(`not valid JSON: ${error.message}`);
    throw error;
  }
}

function buildOf(value: unknown): Build {
  const build = fields(value);
  return {
    name: String(build.get('name')),
    run: String(build.get('packer_run_uuid')),
    files: list(build.get('files')).map((file) => String(fields(file).get('name'))),
  };
}

function fields(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
