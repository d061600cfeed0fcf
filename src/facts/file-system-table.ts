import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type FstabEntry, parseFstab } from '../formats/fstab.ts';

export interface FileSystemTableEntry extends FstabEntry {
  readonly evidence: Evidence;
  /** Whether the boot waits for it and drops to the emergency shell without it: neither `nofail` nor `noauto`. */
  readonly isMandatory: boolean;
}

export interface FileSystemTable {
  readonly entries: readonly FileSystemTableEntry[];
  /** Lines that mount ignores, with the reason as text. */
  readonly rejected: readonly { readonly message: string; readonly evidence: Evidence }[];
}

const PATH = '/etc/fstab';

/** Entries of /etc/fstab; empty when the file is absent. */
export const fileSystemTable = defineFact<FileSystemTable>({
  id: 'file-system-table',
  description: 'Entries of /etc/fstab and the lines of it that mount ignores.',
  reads: [PATH],
  compute({ rootFs }) {
    const text = rootFs.readText(PATH) ?? '';
    const lines = text.split('\n');
    const { entries, problems } = parseFstab(text);
    return {
      entries: entries.map((entry) => ({
        ...entry,
        evidence: { path: PATH, line: entry.line, text: withoutPasswords(entry.text) },
        isMandatory: !entry.options.some((option) => option === 'nofail' || option === 'noauto'),
      })),
      rejected: problems.map(({ line, message }) => ({
        message,
        evidence: { path: PATH, line, text: withoutPasswords(lines[line - 1] ?? '') },
      })),
    };
  },
});

/** Shares may be mounted with a password among the options. */
function withoutPasswords(text: string): string {
  return text.replace(/\b(pass(?:wd|word)?2?)=(?:"[^"]*"|[^,\s]+)/gi, '$1=***');
}
