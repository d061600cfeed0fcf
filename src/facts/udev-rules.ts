import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseUdevRules, type UdevToken } from '../formats/udev-rules.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { linkDestination } from './unit-files/directories.ts';

/** One rule with the place where it stands. */
export interface LocatedUdevRule {
  readonly tokens: readonly UdevToken[];
  readonly evidence: Evidence;
}

/** A `*.rules` file that udev takes under this name. */
export interface UdevRulesFile {
  /** File name without directory; files are read in the order of their names. */
  readonly name: string;
  readonly path: string;
  /** An empty file or a link to /dev/null, which switches off every file of this name in later directories. */
  readonly isMask: boolean;
  /** Files of the same name that this one hides. */
  readonly hides: readonly string[];
  /** Empty for a mask. */
  readonly rules: readonly LocatedUdevRule[];
  /** Rules that udev drops, each with the reason. */
  readonly dropped: readonly { readonly message: string; readonly evidence: Evidence }[];
}

export interface UdevRules {
  /** In the order in which udev reads them, masks included. */
  readonly files: readonly UdevRulesFile[];
  readonly unread: readonly CouldNotRead[];
}

/** `CONF_PATHS("udev/rules.d")`, by precedence; /lib counts where it is no link to usr/lib. */
const directories = [
  '/etc/udev/rules.d',
  '/run/udev/rules.d',
  '/usr/local/lib/udev/rules.d',
  '/usr/lib/udev/rules.d',
  '/lib/udev/rules.d',
] as const;

/** Device rules as `udev_rules_load` of systemd finds them in the root file system; an initramfs has its own. */
export const udevRules = defineFact<UdevRules>({
  id: 'udev-rules',
  description: 'The udev rules of the image in the order of reading, with masks and rules that udev drops.',
  reads: ['/{etc,run,usr/local/lib,usr/lib,lib}/udev/rules.d/*.rules'],
  compute({ rootFs }) {
    const unread: CouldNotRead[] = [];
    const byName = new Map<string, string[]>();
    const seen = new Set<string>();
    for (const directory of directories) {
      const names = attempt(() => ruleNames(rootFs, directory, seen));
      if (isCouldNotRead(names)) unread.push(names);
      else for (const name of names) byName.set(name, [...(byName.get(name) ?? []), `${directory}/${name}`]);
    }
    const names = [...byName.keys()].sort();
    const files = names.flatMap((name): UdevRulesFile[] => {
      const [path = '', ...hides] = byName.get(name) ?? [];
      const file = attempt(() => ({ name, path, hides, ...readRules(rootFs, path) }));
      if (!isCouldNotRead(file)) return [file];
      unread.push(file);
      return [];
    });
    return { files, unread };
  },
});

/** None when the directory was seen under another path already. */
function ruleNames(rootFs: RootFs, directory: string, seen: Set<string>): readonly string[] {
  const real = rootFs.realPath(directory);
  if (real === undefined || seen.has(real) || rootFs.stat(real)?.type !== 'directory') return [];
  seen.add(real);
  return (rootFs.readDir(real) ?? []).map(({ name }) => name).filter((name) => name.endsWith('.rules'));
}

function readRules(rootFs: RootFs, path: string): Pick<UdevRulesFile, 'isMask' | 'rules' | 'dropped'> {
  const isLink = rootFs.lstat(path)?.type === 'symlink';
  // The device may be missing from an image at rest; its name is enough.
  const isNull = isLink && linkDestination(rootFs, path) === '/dev/null';
  const isDevice = rootFs.stat(path)?.type.endsWith('-device');
  const text = isNull || isDevice ? '' : (rootFs.readText(path) ?? '');
  if (text === '') return { isMask: true, rules: [], dropped: [] };
  const lines = text.split(/\r\n|\n\r|\n|\r|\0/);
  const { rules, problems } = parseUdevRules(text);
  return {
    isMask: false,
    rules: rules.map(({ tokens, line, text: rule }) => ({ tokens, evidence: { path, line, text: rule } })),
    dropped: problems.map(({ line, message }) => ({
      message,
      evidence: { path, line, text: lines[line - 1] ?? '' },
    })),
  };
}
