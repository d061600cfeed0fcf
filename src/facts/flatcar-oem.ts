import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { kernelCommandLine } from './kernel-command-line.ts';

/** For which platform a Flatcar image was built. */
export interface FlatcarOem {
  /** Whether the OEM partition, which tells, is part of the target. */
  readonly isShown: boolean;
  /** `azure`, `ec2`, …; undefined for an image without one. */
  readonly id?: string;
  /** The agent: a system extension, before release 3550 a program on the OEM partition. */
  readonly hasAgent: boolean;
  readonly evidence: Evidence;
}

const FOLDERS = ['/oem', '/usr/share/oem'] as const;

/** The OEM id of Flatcar as its grub.cfg, its kernel command line or oem-release says it. */
export const flatcarOem = defineFact<FlatcarOem>({
  id: 'flatcar-oem',
  description: 'The platform for which a Flatcar image was built, and whether its OEM partition brings the agent.',
  reads: FOLDERS.flatMap((folder) =>
    ['grub.cfg', 'oem-release', 'sysext/*', 'bin/waagent'].map((name) => `${folder}/${name}`),
  ),
  async compute(context) {
    const { rootFs } = context;
    const folder = FOLDERS.find(
      (path) => rootFs.stat(path)?.type === 'directory' && (rootFs.readDir(path) ?? []).length > 0,
    );
    if (folder === undefined) return { isShown: false, hasAgent: false, evidence: { path: FOLDERS[0] } };
    const extensions =
      rootFs.stat(`${folder}/sysext`)?.type === 'directory' ? (rootFs.readDir(`${folder}/sysext`) ?? []) : [];
    const hasAgent =
      extensions.some(({ name }) => name.startsWith('oem-azure')) || rootFs.stat(`${folder}/bin/waagent`) !== undefined;
    const { defaults } = await context.get(kernelCommandLine);
    const parameter = defaults
      .flatMap(({ parameters }) => parameters)
      .find(({ name }) => /^(?:flatcar|coreos)\.oem\.id$/.test(name));
    const told =
      lineOf(rootFs.readText(`${folder}/grub.cfg`), `${folder}/grub.cfg`, /^\s*set\s+oem_id=["']?([\w-]+)/) ??
      lineOf(rootFs.readText(`${folder}/oem-release`), `${folder}/oem-release`, /^ID=["']?([\w-]+)/);
    const id = told?.id ?? parameter?.value;
    return { isShown: true, hasAgent, evidence: told?.evidence ?? { path: folder }, ...(id !== undefined && { id }) };
  },
});

function lineOf(text: string | undefined, path: string, pattern: RegExp) {
  for (const [index, line] of (text ?? '').split('\n').entries()) {
    const [, id] = pattern.exec(line) ?? [];
    if (id !== undefined) return { id, evidence: { path, line: index + 1, text: line } };
  }
  return undefined;
}
