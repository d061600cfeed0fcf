import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseBlsEntry } from '../formats/bls-entry.ts';

/** A file of /boot/loader/entries as it stands there, before GRUB expands variables. */
export interface LoaderEntryFile {
  /** File name without `.conf`. */
  readonly id: string;
  /** Every `options` line, joined. */
  readonly options: string;
  readonly isRescue: boolean;
  /** The first `options` line, else the file. */
  readonly evidence: Evidence;
}

const DIRECTORY = '/boot/loader/entries';

/** Entries of the Boot Loader Specification that GRUB's blscfg reads; empty when there are none. */
export const loaderEntries = defineFact<readonly LoaderEntryFile[]>({
  id: 'loader-entries',
  description: 'Files of /boot/loader/entries with their options as written.',
  reads: [`${DIRECTORY}/*.conf`],
  compute({ rootFs }) {
    if (rootFs.stat(DIRECTORY)?.type !== 'directory') return [];
    const names = (rootFs.readDir(DIRECTORY) ?? []).map(({ name }) => name).filter((name) => name.endsWith('.conf'));
    return names.map((name) => {
      const path = `${DIRECTORY}/${name}`;
      const options = parseBlsEntry(rootFs.readText(path) ?? '').all('options');
      const [first] = options;
      return {
        id: name.slice(0, -'.conf'.length),
        options: options.map(({ value }) => value).join(' '),
        isRescue: /rescue/.test(name),
        evidence: { path, ...(first && { line: first.line, text: first.text }) },
      };
    });
  },
});
