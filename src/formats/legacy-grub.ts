/** One `title` of GRUB Legacy's menu. */
export interface LegacyGrubEntry {
  readonly title: string;
  readonly kernel: string;
  /** Everything behind the kernel's path. */
  readonly arguments: string;
  readonly initrds: readonly string[];
  /** Line of `kernel`, counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface LegacyGrubMenu {
  readonly entries: readonly LegacyGrubEntry[];
  /** Number of the default among all titles, from 0; `saved` is kept outside the file. */
  readonly defaultIndex: number | 'saved';
}

/**
 * menu.lst or grub.conf of GRUB 0.97 (`run_menu`, `cfg_script`): keyword, then blanks or `=`, then the rest of the line;
 * titles without a kernel (chain loading) keep their number but are no entries here.
 */
export function parseLegacyGrub(text: string): LegacyGrubMenu {
  const titles: { title: string; kernel?: LegacyGrubEntry; initrds: string[] }[] = [];
  let defaultIndex: number | 'saved' = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const match = /^[ \t]*([a-z]+)(?:[ \t]*=[ \t]*|[ \t]+)(.*?)\s*$/.exec(raw);
    const keyword = match?.[1];
    const rest = match?.[2] ?? '';
    const current = titles.at(-1);
    if (keyword === 'title') titles.push({ title: rest, initrds: [] });
    else if (keyword === 'default' && !current)
      defaultIndex = rest === 'saved' ? 'saved' : Number.parseInt(rest, 10) || 0;
    else if (keyword === 'initrd' && current) current.initrds.push(...rest.split(/\s+/));
    else if (keyword === 'kernel' && current) {
      const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
      const [kernel = '', ...parameters] = words;
      current.kernel = {
        title: current.title,
        kernel,
        arguments: parameters.join(' '),
        initrds: current.initrds,
        line: index + 1,
        text: raw,
      };
    }
  }
  const entries = titles.flatMap(({ kernel }) => (kernel ? [kernel] : []));
  const chosen = defaultIndex === 'saved' ? undefined : titles[defaultIndex]?.kernel;
  return { entries, defaultIndex: chosen ? entries.indexOf(chosen) : defaultIndex === 'saved' ? 'saved' : 0 };
}
