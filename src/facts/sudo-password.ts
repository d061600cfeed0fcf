import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { CouldNotRead } from '../image/could-not-read.ts';
import { readSudoersStatements, type Statement } from './accounts/sudo.ts';

/** Options by which sudo asks for another password than the caller's own. */
const options = ['targetpw', 'rootpw', 'runaspw'] as const;
type PasswordOption = (typeof options)[number];

export interface SudoPassword {
  /** Options in force for everybody: the last `Defaults` counts. */
  readonly asksForOther: readonly { readonly option: PasswordOption; readonly evidence: Evidence }[];
  /** Lines of the main file that set such an option, which a later line takes back. */
  readonly undone: readonly { readonly option: PasswordOption; readonly evidence: Evidence; readonly by: Evidence }[];
  /** The line that lets everybody run everything, unless a later one forbids it again. */
  readonly everybody?: Evidence;
  readonly unread: readonly CouldNotRead[];
}

/** Whose password sudo asks for (`update_defaults` of sudo's plugins/sudoers/defaults.c), and whether everybody may use it. */
export const sudoPassword = defineFact<SudoPassword>({
  id: 'sudo-password',
  description: 'Whose password sudo asks for, by the Defaults of sudoers with its included files.',
  reads: ['/etc/sudoers', '/usr/etc/sudoers', '/etc/sudoers.d/*'],
  compute({ rootFs }) {
    const { statements, unread } = readSudoersStatements(rootFs);
    const asksForOther: SudoPassword['asksForOther'][number][] = [];
    const undone: SudoPassword['undone'][number][] = [];
    for (const option of options) {
      const uses = statements.flatMap((statement) => usesOf(statement, option));
      const last = uses.at(-1);
      if (last === undefined) continue;
      if (!last.negated) asksForOther.push({ option, evidence: last.evidence });
      else {
        const first = uses.find(({ negated, evidence }) => !negated && evidence.path === '/etc/sudoers');
        if (first) undone.push({ option, evidence: first.evidence, by: last.evidence });
      }
    }
    const forAll = statements.findLast(
      (statement) =>
        statement.kind === 'grant' && statement.users.some(({ name, negated }) => name === 'ALL' && !negated),
    );
    // A grant without a permitted command is `!ALL`, which takes the right back.
    const isGranted = forAll?.kind === 'grant' && forAll.passwords.length > 0;
    return { asksForOther, undone, ...(isGranted && { everybody: located(forAll) }), unread };
  },
});

function usesOf(
  statement: Statement,
  option: PasswordOption,
): readonly { readonly negated: boolean; readonly evidence: Evidence }[] {
  if (statement.kind !== 'defaults') return [];
  // A new administrator's name is not known: only what concerns everybody counts.
  if (statement.users !== undefined && !statement.users.some(({ name, negated }) => name === 'ALL' && !negated))
    return [];
  return statement.settings
    .filter(({ name }) => name === option)
    .map(({ negated }) => ({ negated, evidence: located(statement) }));
}

function located({ path, line, text }: Statement): Evidence {
  return { path, line, text };
}
