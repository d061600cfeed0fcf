/** One line of inittab: `id:runlevels:action:process`. */
export interface InittabEntry {
  readonly id: string;
  readonly runlevels: string;
  readonly action: string;
  readonly process: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** inittab(5) as SysV init and BusyBox read it: four fields, the last may hold colons, `#` lines are comments. */
export function parseInittab(text: string): InittabEntry[] {
  return text.split('\n').flatMap((raw, index): InittabEntry[] => {
    const content = raw.trim();
    const [id, runlevels, action, ...process] = content.split(':');
    if (content.startsWith('#') || id === undefined || runlevels === undefined || action === undefined) return [];
    return [{ id, runlevels, action, process: process.join(':'), line: index + 1, text: raw }];
  });
}
