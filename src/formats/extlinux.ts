/** One `LABEL` of a SYSLINUX configuration. */
export interface ExtlinuxEntry {
  readonly label: string;
  /** `MENU LABEL` without its hot key mark, else the label. */
  readonly title: string;
  readonly kernel: string;
  readonly arguments: string;
  readonly initrds: readonly string[];
  /** Line of the kernel, counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface ExtlinuxConfiguration {
  readonly entries: readonly ExtlinuxEntry[];
  /** Label of `DEFAULT` or `ONTIMEOUT`; undefined boots the first entry. */
  readonly defaultLabel?: string;
}

interface Draft {
  label: string;
  title?: string;
  kernel?: { path: string; line: number; text: string };
  arguments: string;
  initrds: string[];
}

/** extlinux.conf and syslinux.cfg (`parse_config` of SYSLINUX): keywords in any case, `#` lines are comments, includes are not followed. */
export function parseExtlinux(text: string): ExtlinuxConfiguration {
  const drafts: Draft[] = [];
  let globalArguments = '';
  let defaultLabel: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const match = /^\s*(menu\s+(?:label|default)|[a-z]+)(?:\s+(.*?))?\s*$/i.exec(raw);
    const keyword = match?.[1]?.toLowerCase().replace(/\s+/g, ' ');
    const rest = match?.[2] ?? '';
    const draft = drafts.at(-1);
    if (keyword === 'label') drafts.push({ label: rest, arguments: globalArguments, initrds: [] });
    else if (keyword === 'default' || keyword === 'ontimeout') defaultLabel = rest.split(/\s+/)[0] ?? rest;
    else if (keyword === 'append') {
      if (draft) draft.arguments = rest === '-' ? '' : rest;
      else globalArguments = rest;
    } else if (draft && keyword === 'menu label') draft.title = rest.replaceAll('^', '');
    else if (draft && keyword === 'menu default') defaultLabel ??= draft.label;
    else if (draft && (keyword === 'kernel' || keyword === 'linux'))
      draft.kernel = { path: rest, line: index + 1, text: raw };
    else if (draft && keyword === 'initrd') draft.initrds.push(...rest.split(','));
  }
  const entries = drafts.flatMap(({ label, title, kernel, arguments: text, initrds }): ExtlinuxEntry[] =>
    kernel
      ? [
          {
            label,
            title: title ?? label,
            kernel: kernel.path,
            arguments: text,
            initrds: initrds.length > 0 ? initrds : initrdsOf(text),
            line: kernel.line,
            text: kernel.text,
          },
        ]
      : [],
  );
  return { entries, ...(defaultLabel !== undefined && { defaultLabel }) };
}

/** SYSLINUX takes `initrd=` of the command line for the same as an INITRD line. */
function initrdsOf(parameters: string): string[] {
  return /(?:^|\s)initrd=(\S+)/.exec(parameters)?.[1]?.split(',') ?? [];
}
