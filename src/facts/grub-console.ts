import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type GrubCommand, type GrubWord, parseGrubScript } from '../formats/grub-script.ts';
import { grubMenus } from './grub-menus.ts';

/** How one grub.cfg shows its menu. */
export interface GrubConsole {
  readonly path: string;
  /** Whether it brings entries of its own, not only a reference to another grub.cfg. */
  readonly hasMenu: boolean;
  /** Whether `blscfg` brings the entries of /boot/loader/entries. */
  readonly usesLoaderEntries: boolean;
  /** Other configurations that it runs (`configfile`, `source`, `normal`), as written. */
  readonly runs: readonly string[];
  /** Terminals that `terminal_input`, `terminal_output` or `terminal` choose. */
  readonly terminals: readonly { readonly names: readonly string[]; readonly evidence: Evidence }[];
  /** Every value in seconds that `timeout` may have; -1 waits for ever, none counts as no wait. */
  readonly timeouts: readonly number[];
  /** Where the file sets one of them. */
  readonly timeoutEvidence?: Evidence;
  /** Whether the file sets `kernelopts` itself, for where grubenv has none. */
  readonly setsKernelOptions: boolean;
}

/** Menus of GRUB 2 as a person at a console meets them. */
export const grubConsoles = defineFact<readonly GrubConsole[]>({
  id: 'grub-consoles',
  description: 'Terminals, waiting time and references of each grub.cfg.',
  reads: grubMenus.reads,
  async compute(context) {
    const menus = await context.get(grubMenus);
    return menus.map(({ path, text, configuration }): GrubConsole => {
      const lines = text.split('\n');
      const commands = [...simpleCommands(parseGrubScript(text).commands)];
      const at = (line: number): Evidence => ({ path, line, text: lines[line - 1] ?? '' });
      const timeouts = configuration.variable('timeout').filter((value) => value !== '');
      const waits = new Set(timeouts.map((value) => `timeout=${value}`));
      const first = commands.find(({ name, words }) => name === 'set' && waits.has(words[0] ?? ''));
      return {
        path,
        hasMenu: configuration.menu.length > 0,
        usesLoaderEntries: configuration.menu.some(({ kind }) => kind === 'boot-loader-entries'),
        runs: commands.flatMap(({ name, words }) =>
          /^(?:configfile|source|normal|\.)$/.test(name) ? words.slice(0, 1) : [],
        ),
        terminals: commands
          .filter(({ name }) => /^terminal(?:_input|_output)?$/.test(name))
          .map(({ words, line }) => ({ names: words, evidence: at(line) })),
        timeouts: timeouts.map(Number).filter((value) => !Number.isNaN(value)),
        ...(first && { timeoutEvidence: at(first.line) }),
        setsKernelOptions: commands.some(({ name, words }) => name === 'set' && /^kernelopts=./.test(words[0] ?? '')),
      };
    });
  },
});

interface SimpleCommand {
  readonly name: string;
  readonly words: readonly string[];
  readonly line: number;
}

/** Commands of every branch, menu entries left out. */
function* simpleCommands(commands: readonly GrubCommand[]): Generator<SimpleCommand> {
  for (const command of commands) {
    if (command.kind === 'if') {
      for (const { condition, body } of command.branches) {
        yield* simpleCommands(condition);
        yield* simpleCommands(body);
      }
      yield* simpleCommands(command.otherwise);
    } else if (command.kind !== 'simple') yield* simpleCommands(command.body);
    else if (command.block === undefined) {
      const [name = '', ...words] = command.words.map(literal);
      yield { name, words, line: command.line };
    }
  }
}

function literal(word: GrubWord): string {
  return word.map((part) => (part.kind === 'text' ? part.text : `$${part.name}`)).join('');
}
