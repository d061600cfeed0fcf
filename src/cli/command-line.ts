import yargs, { type Argv } from 'yargs';
import { toolName, version } from '../version.ts';
import { describeExitCode, exitCodes } from './exit-code.ts';
import { catFlags, checkFlags, explainFlags, type Flags, inspectFlags, lsFlags, rulesFlags } from './flags.ts';
import type { CliIo } from './io.ts';
import { usageErrorFrom } from './usage-hints.ts';

type Handler = (flags: Flags) => Promise<number>;

const targetHelp =
  'disk image (raw, VHD, VHDX, qcow2), tar of a root file system, or root directory of a mounted or extracted image; or a pattern for several';

const scriptCommand = 'completion-script';

/** Parses the arguments and runs the command that they name. Only that command's module is loaded. */
export async function run(argv: readonly string[], io: CliIo): Promise<number> {
  const commands: (() => Promise<number>)[] = [];
  const choose = (command: Handler) => (flags: Flags) => {
    commands.push(() => command(flags));
  };
  const parser: Argv = yargs()
    .scriptName(toolName)
    .locale('en')
    .exitProcess(false)
    .fail(false)
    .strict()
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .command(
      ['check [targets..]', '$0'],
      'tell whether Linux images will boot and provision in Azure; the exit code is the gate',
      (command) =>
        command
          .positional('targets', {
            type: 'string',
            array: true,
            describe: targetHelp,
          })
          .options(checkFlags),
      choose(async (flags) => (await import('./commands/check.ts')).check(targetsOf(flags), flags, io)),
    )
    .command(
      'rules',
      'list the rules, or write their documentation',
      (command) => command.options(rulesFlags),
      choose(async (flags) => (await import('./commands/rules.ts')).listRules(flags, io)),
    )
    .command(
      'explain <topic>',
      'what a rule is about; also: exit-codes, outcomes, config, presets, and each setting',
      (command) => command.positional('topic', { type: 'string' }).options(explainFlags),
      choose(async (flags) => (await import('./commands/explain.ts')).explain(String(flags['topic']), flags, io)),
    )
    .command(
      'inspect <target>',
      'what the scanner sees in an image, without judging it',
      (command) => command.positional('target', { type: 'string' }).options(inspectFlags),
      choose(async (flags) => (await import('./commands/inspect.ts')).inspect(String(flags['target']), flags, io)),
    )
    .command(
      'ls <target> [path]',
      'list files of an image',
      (command) =>
        command
          .positional('target', { type: 'string' })
          .positional('path', { type: 'string', describe: 'file or directory inside the image (default /)' })
          .options(lsFlags),
      choose(async (flags) => (await import('./commands/ls.ts')).ls(String(flags['target']), flags, io)),
    )
    .command(
      'cat <target> <path>',
      'write the contents of a file of an image',
      (command) =>
        command.positional('target', { type: 'string' }).positional('path', { type: 'string' }).options(catFlags),
      choose(async (flags) => (await import('./commands/cat.ts')).cat(String(flags['target']), flags, io)),
    )
    .command(
      'init',
      'write a commented configuration file',
      (command) => command,
      choose(async () => (await import('./commands/init.ts')).init(io)),
    )
    // Not the name of our own command: yargs answers to it only where no command is the default one.
    .completion(scriptCommand, false)
    .command(
      'completion',
      'print a script that completes commands and flags in bash or zsh',
      (command) => command,
      // Within the parser's own run, which collects what it prints.
      () => {
        parser.showCompletionScript();
      },
    )
    .command(
      'new-rule <id>',
      'scaffold a rule: of a plugin, or in a checkout of this project a built-in one',
      (command) => command.positional('id', { type: 'string', describe: 'plugin/name, or area/name' }),
      choose(async (flags) => (await import('./commands/new-rule.ts')).newRule(String(flags['id']), io)),
    )
    .version(version)
    .help()
    .epilogue(exitCodeHelp())
    .wrap(Math.min(io.stdout.columns ?? 100, 100));

  let printed = '';
  try {
    await parser.parseAsync([...argv], {}, (_error, _flags, output) => {
      printed = output;
    });
  } catch (error) {
    throw usageErrorFrom(error, argv);
  }
  if (printed !== '') io.stdout.write(`${printed.replaceAll(scriptCommand, 'completion')}\n`);
  const [command] = commands;
  return command === undefined ? exitCodes.pass.code : command();
}

/** Targets before `--`, and all behind it, which yargs leaves among the unnamed arguments. */
function targetsOf(flags: Flags): readonly string[] {
  const named: readonly unknown[] = Array.isArray(flags['targets']) ? flags['targets'] : [];
  const unnamed: readonly unknown[] = Array.isArray(flags['_']) ? flags['_'] : [];
  const behind = unnamed[0] === 'check' ? unnamed.slice(1) : unnamed;
  return [...named, ...behind].map(String);
}

function exitCodeHelp(): string {
  const lines = Object.values(exitCodes).map((entry) => `  ${entry.code}  ${describeExitCode(entry)}`);
  return `Exit codes:\n${lines.join('\n')}`;
}
