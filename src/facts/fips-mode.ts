import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { kernelCommandLine } from './kernel-command-line.ts';
import { tryGet } from './try-get.ts';

export interface FipsMode {
  /** `fips=1` in a boot entry that is a default. */
  readonly kernel?: Evidence;
  /** The policy of crypto-policies is FIPS, or /etc/system-fips says that the FIPS modules were installed. */
  readonly libraries?: Evidence;
  /** Why `kernel` may be missing: the command line could not be read. */
  readonly kernelUnread?: CouldNotRead;
  /** Why `libraries` may be missing. */
  readonly librariesUnread?: CouldNotRead;
}

const policyFiles = ['/etc/crypto-policies/config', '/etc/crypto-policies/state/current'];

/** What puts the image into FIPS mode: crypto/fips.c of the kernel, fips-mode-setup of crypto-policies. */
export const fipsMode = defineFact<FipsMode>({
  id: 'fips-mode',
  description: 'Whether kernel and cryptographic libraries of the image run in FIPS mode.',
  reads: ['/etc/system-fips', ...policyFiles],
  async compute(context) {
    const { rootFs } = context;
    const commandLine = await tryGet(context, kernelCommandLine);
    const entry = isCouldNotRead(commandLine)
      ? undefined
      : commandLine.defaults.find(
          ({ parameters }) => parameters.findLast(({ text }) => /^fips=/.test(text))?.text === 'fips=1',
        );
    const libraries = attempt((): Evidence | undefined => {
      for (const path of policyFiles) {
        const lines = (rootFs.readText(path) ?? '').split('\n');
        const index = lines.findIndex((line) => /^FIPS(?::|\s*$)/.test(line));
        if (index >= 0) return { path, line: index + 1, text: lines[index] ?? '' };
      }
      return rootFs.stat('/etc/system-fips') ? { path: '/etc/system-fips' } : undefined;
    });
    return {
      ...(entry && { kernel: entry.evidence }),
      ...(libraries && !isCouldNotRead(libraries) && { libraries }),
      ...(isCouldNotRead(commandLine) && { kernelUnread: commandLine }),
      ...(isCouldNotRead(libraries) && { librariesUnread: libraries }),
    };
  },
});
