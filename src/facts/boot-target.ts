import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type InittabEntry, parseInittab } from '../formats/inittab.ts';
import type { RootFs } from '../image/root-fs.ts';

/** Up to where the image boots by itself. */
export interface BootTarget {
  /** Target that default.target leads to, `multi-user.target`; undefined without systemd. */
  readonly target?: { readonly name: string; readonly evidence: Evidence };
  /** Run level of inittab, where SysV init or upstart starts the image. */
  readonly runLevel?: { readonly name: string; readonly evidence: Evidence };
  /** Programs on terminals that inittab starts, by terminal and line. */
  readonly inittab: readonly (InittabEntry & { readonly evidence: Evidence })[];
}

const DIRECTORIES = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((path) => `${path}/systemd/system`);
const INITTAB = '/etc/inittab';
const MAX_LINKS = 8;

/** Where default.target or inittab leads. */
export const bootTarget = defineFact<BootTarget>({
  id: 'boot-target',
  description: 'The target of systemd or the run level up to which the image boots.',
  reads: [...DIRECTORIES.map((path) => `${path}/default.target`), INITTAB],
  compute({ rootFs }) {
    const target = followTarget(rootFs);
    const inittab = parseInittab(rootFs.readText(INITTAB) ?? '').map((entry) => ({
      ...entry,
      evidence: { path: INITTAB, line: entry.line, text: entry.text },
    }));
    const initial = target ? undefined : inittab.find(({ action }) => action === 'initdefault');
    return {
      inittab,
      ...(target && { target }),
      ...(initial && { runLevel: { name: initial.runlevels, evidence: initial.evidence } }),
    };
  },
});

/** Links are followed by name through the unit directories: their text may lead nowhere in an image at rest. */
function followTarget(rootFs: RootFs): BootTarget['target'] {
  let name = 'default.target';
  let evidence: Evidence | undefined;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const wanted = name;
    const path = DIRECTORIES.map((directory) => `${directory}/${wanted}`).find((place) => rootFs.lstat(place));
    if (path === undefined) break;
    const link = rootFs.readLink(path);
    evidence ??= { path, ...(link !== undefined && { text: `-> ${link}` }) };
    if (link === undefined) break;
    const next = link.slice(link.lastIndexOf('/') + 1);
    if (next === name) break;
    name = next;
  }
  return evidence && { name, evidence };
}
