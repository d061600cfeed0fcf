/** A module that an initramfs always gets. */
export interface ListedModule {
  /** With underscores. */
  readonly name: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * /etc/initramfs-tools/modules and modules.d: a name and its arguments on each line; `#` comments only in the first
 * column (`add_modules_from_file` of initramfs-tools' hook-functions).
 */
export function parseInitramfsModules(text: string): ListedModule[] {
  return text.split('\n').flatMap((raw, index) => {
    const name = raw.startsWith('#') ? '' : (raw.trim().split(/[ \t]+/)[0] ?? '');
    return name === '' ? [] : [{ name: name.replaceAll('-', '_'), line: index + 1, text: raw }];
  });
}
