import type { Evidence } from '../../engine/model.ts';
import { type ScriptTraits, traitsOfScript } from '../../formats/ds-identify-scan.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { pythonPackageDirectories } from '../python-packages.ts';

export interface Installation {
  /** The program, and a Python package that knows Azure. */
  readonly installed: boolean;
  readonly executable?: Evidence;
  readonly version?: { readonly text: string; readonly evidence: Evidence };
}

const programs = ['/usr/bin/cloud-init', '/usr/local/bin/cloud-init'];

export function findInstallation(rootFs: RootFs): Installation {
  const program = programs.find((path) => rootFs.stat(path)?.type === 'file');
  const executable = program === undefined ? {} : { executable: { path: program } };
  const directory = pythonPackageDirectories(rootFs)
    .map((packages) => `${packages}/cloudinit`)
    .find((candidate) => rootFs.stat(`${candidate}/sources/DataSourceAzure.py`)?.type === 'file');
  if (directory === undefined) return { installed: false, ...executable };
  const version = versionIn(rootFs, `${directory}/version.py`);
  return { installed: program !== undefined, ...executable, ...(version && { version }) };
}

/** `__VERSION__` of cloudinit/version.py, else what the packager put in. */
function versionIn(rootFs: RootFs, path: string): Installation['version'] {
  const lines = rootFs.readText(path)?.split('\n') ?? [];
  for (const name of ['__VERSION__', '_PACKAGED_VERSION']) {
    for (const [index, line] of lines.entries()) {
      const text = new RegExp(`^${name}\\s*=\\s*(["'])(\\d[^"']*)\\1`).exec(line)?.[2];
      if (text !== undefined) return { text, evidence: { path, line: index + 1, text: line } };
    }
  }
  return undefined;
}

export interface Generator {
  /** In the image, executable, and not masked: systemd runs it. */
  readonly present: boolean;
  readonly evidence: readonly Evidence[];
  /** What masks it. */
  readonly maskedBy?: Evidence;
  /** Where it expects ds-identify; undefined when it does not say. */
  readonly dsIdentify?: string;
  /** Up to 23.3 the generator starts cloud-init without ds-identify, too. */
  readonly needsDsIdentify: boolean;
}

/** Falling precedence of systemd.generator(7). */
const generatorDirectories = ['/run', '/etc', '/usr/local/lib', '/usr/lib', '/lib'];

export function findGenerator(rootFs: RootFs): Generator {
  const path = generatorDirectories
    .map((directory) => `${directory}/systemd/system-generators/cloud-init-generator`)
    .find((candidate) => rootFs.lstat(candidate) !== undefined);
  if (path === undefined) return { present: false, evidence: [], needsDsIdentify: true };
  const status = rootFs.stat(path);
  const link = rootFs.readLink(path);
  const evidence: Evidence = link === undefined ? { path } : { path, text: `-> ${link}` };
  if (link === '/dev/null' || status?.size === 0) {
    return { present: false, evidence: [evidence], maskedBy: evidence, needsDsIdentify: true };
  }
  const present = status?.type === 'file' && (status.mode & 0o111) !== 0;
  const script = status?.type === 'file' ? (rootFs.readText(path) ?? '') : '';
  const dsIdentify = /^\s*dsidentify="(\/[^"]+)"/m.exec(script)?.[1];
  return {
    present,
    evidence: [evidence],
    ...(dsIdentify !== undefined && { dsIdentify }),
    needsDsIdentify: !/^check_for_datasource\(\)/m.test(script),
  };
}

const dsIdentifyPaths = ['/usr/libexec/cloud-init/ds-identify', '/usr/lib/cloud-init/ds-identify'];

export function findDsIdentify(
  rootFs: RootFs,
  expected: string | undefined,
): { readonly present: boolean; readonly evidence: readonly Evidence[]; readonly traits?: ScriptTraits } {
  const candidates = expected === undefined ? dsIdentifyPaths : [expected];
  const path = candidates.find((candidate) => rootFs.stat(candidate)?.type === 'file');
  if (path === undefined) return { present: false, evidence: [] };
  const traits = traitsOfScript(rootFs.readText(path) ?? '');
  const present = ((rootFs.stat(path)?.mode ?? 0) & 0o111) !== 0;
  return { present, evidence: [{ path }], traits };
}
