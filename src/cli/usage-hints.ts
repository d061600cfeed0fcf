import { didYouMean } from '../config/did-you-mean.ts';
import { UsageError } from '../config/usage-error.ts';
import { commandNames } from './command-names.ts';
import { catFlags, checkFlags, explainFlags, inspectFlags, lsFlags, rulesFlags } from './flags.ts';

const flagsOf: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  check: checkFlags,
  rules: rulesFlags,
  explain: explainFlags,
  inspect: inspectFlags,
  ls: lsFlags,
  cat: catFlags,
  'new-rule': {},
};

/** How the complaints of yargs about arguments begin; it gives them no class or code of their own. */
const complaint = /^(Unknown argument|Unknown command|Not enough|Too many|Missing)/;

/** What yargs complains about, in our words and with what was probably meant. Other errors come back as they are. */
export function usageErrorFrom(error: unknown, argv: readonly string[]): unknown {
  if (!(error instanceof Error) || !complaint.test(error.message)) return error;
  const command = commandNames.find((name) => name === argv[0]) ?? 'check';
  const unknown = /^Unknown arguments?: (.*)$/.exec(error.message)?.[1]?.split(', ');
  if (unknown) return new UsageError(unknown.map((name) => unknownArgument(name, command, argv)).join('; '));
  if (error.message.startsWith('Not enough non-option arguments')) {
    return new UsageError(`${command} needs one more argument; see: vhd-preflight ${command} --help`);
  }
  return new UsageError(error.message);
}

function unknownArgument(name: string, command: string, argv: readonly string[]): string {
  const flag = argv.map((word) => word.split('=')[0]).find((word) => word === `--${name}` || word === `-${name}`);
  if (flag === undefined) return `${command} does not take the argument "${name}"`;
  const known = [...Object.keys(flagsOf[command] ?? {}), 'help', 'version'].map((word) => `--${word}`);
  return `unknown flag ${flag}${didYouMean(`--${name}`, known).replaceAll('"', '')}`;
}
