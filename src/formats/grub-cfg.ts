import { assignmentOf, readHeader, readLoadEnv, toBoot, variablesSetBy } from './grub-commands.ts';
import { evaluateTest, type FileProbe } from './grub-condition.ts';
import { type GrubCommand, parseGrubScript } from './grub-script.ts';
import {
  expandWords,
  type GrubVariables,
  mergeVariables,
  showUnknown,
  unknownValue,
  valuesOf,
} from './grub-variables.ts';
import type { Problem } from './problem.ts';

/** A kernel that a menu entry may load; several where a condition cannot be evaluated. */
export interface GrubBoot {
  readonly kernel: string;
  /** The command line as GRUB passes it on. */
  readonly arguments: string;
  readonly initrds: readonly string[];
  /** Line of the `linux` command, counted from 1. */
  readonly line: number;
}

export type GrubMenuItem =
  | {
      readonly kind: 'entry';
      readonly title: string;
      readonly id?: string;
      readonly line: number;
      readonly boots: readonly GrubBoot[];
    }
  | {
      readonly kind: 'submenu';
      readonly title: string;
      readonly id?: string;
      readonly line: number;
      readonly items: readonly GrubMenuItem[];
    }
  /** Here `blscfg` puts the entries of /boot/loader/entries. */
  | { readonly kind: 'boot-loader-entries'; readonly line: number };

export interface GrubConfiguration {
  readonly menu: readonly GrubMenuItem[];
  /** Every value that `default` may have when the menu is shown. */
  readonly defaults: readonly string[];
  /** Every value that a variable may have, for entries outside this file. */
  variable(name: string): readonly string[];
  readonly problems: readonly Problem[];
}

/** What a grub.cfg finds around it. */
export interface GrubSurroundings {
  /** Variables of an environment block; undefined path means GRUB's own grubenv, undefined result that there is none. */
  readonly environment: (path: string | undefined) => ReadonlyMap<string, string> | undefined;
  readonly exists: FileProbe;
}

interface State {
  variables: GrubVariables;
  readonly functions: Map<string, readonly GrubCommand[]>;
  readonly menu: GrubMenuItem[];
  /** Looks into the entries, with the variables as they are when the menu is up. */
  readonly entries: ((variables: GrubVariables) => void)[];
  boots: GrubBoot[];
  readonly surroundings: GrubSurroundings;
  readonly budget: { commands: number; depth: number };
}

/** A loop or recursion ends here; generated files run a few hundred commands. */
const MAX_COMMANDS = 20_000;
const MAX_DEPTH = 200;

/**
 * grub.cfg as GRUB 2 runs it, without disks: variables are expanded, `if` follows what is known and takes every branch
 * where nothing is, and menu entries are looked into after the whole file has run, as on the machine.
 */
export function parseGrubCfg(text: string, surroundings: GrubSurroundings): GrubConfiguration {
  const { commands, problems } = parseGrubScript(text);
  const state: State = {
    variables: new Map(),
    functions: new Map(),
    menu: [],
    entries: [],
    boots: [],
    surroundings,
    budget: { commands: MAX_COMMANDS, depth: MAX_DEPTH },
  };
  runMenu(commands, state);
  const { variables } = state;
  return {
    menu: state.menu,
    defaults: valuesOf(variables, 'default').map(showUnknown),
    variable: (name) => valuesOf(variables, name).map(showUnknown),
    problems,
  };
}

function runMenu(commands: readonly GrubCommand[], state: State): void {
  run(commands, state);
  for (const lookInto of state.entries) lookInto(state.variables);
}

function run(commands: readonly GrubCommand[], state: State): void {
  const { budget } = state;
  if (budget.depth <= 0) return;
  budget.depth -= 1;
  for (const command of commands) {
    budget.commands -= 1;
    if (budget.commands < 0) break;
    if (command.kind === 'function') state.functions.set(command.name, command.body);
    else if (command.kind === 'if') runIf(command, state);
    else if (command.kind === 'loop') runLoop(command, state);
    else runSimple(command, state);
  }
  budget.depth += 1;
}

type Simple = Extract<GrubCommand, { kind: 'simple' }>;

function runSimple(command: Simple, state: State): void {
  const possible = expandWords(command.words, state.variables);
  const [name = '', ...words] = possible[0] ?? [];
  if (name === 'menuentry' || name === 'submenu') addMenuItem(name, words, command, state);
  else if (name === 'blscfg') state.menu.push({ kind: 'boot-loader-entries', line: command.line });
  else if (name === 'set' || (command.words.length === 1 && /^\w+=/.test(name))) assign(possible, state);
  else if (name === 'unset') for (const variable of words) state.variables.set(variable, ['']);
  else if (name === 'load_env') loadEnvironment(words, state);
  else if (/^(?:linux|kernel)/.test(name)) state.boots = possible.map(([, ...rest]) => toBoot(rest, command.line));
  else if (/^initrd(?:16|efi)?$/.test(name) && state.boots.length > 0 && !state.functions.has(name)) {
    const initrds = words.filter((word) => word !== '').map(showUnknown);
    state.boots = state.boots.map((boot) => ({ ...boot, initrds }));
  } else if (state.functions.has(name)) run(state.functions.get(name) ?? [], state);
  else for (const variable of variablesSetBy(words)) state.variables.set(variable, [unknownValue(variable)]);
}

function addMenuItem(kind: 'menuentry' | 'submenu', words: readonly string[], command: Simple, state: State): void {
  const { title, id } = readHeader(words);
  const common = { title, ...(id !== undefined && { id }), line: command.line };
  const inner: State = { ...state, menu: [], entries: [], boots: [] };
  const position = state.menu.length;
  if (kind === 'submenu') state.menu.push({ kind: 'submenu', ...common, items: inner.menu });
  else state.menu.push({ kind: 'entry', ...common, boots: [] });
  state.entries.push((variables) => {
    inner.variables = new Map(variables);
    runMenu(command.block ?? [], inner);
    if (kind === 'menuentry') state.menu[position] = { kind: 'entry', ...common, boots: inner.boots };
  });
}

function assign(possible: readonly (readonly string[])[], state: State): void {
  for (const name of new Set(possible.map((words) => assignmentOf(words)?.name))) {
    if (name === undefined) continue;
    const values = possible.map(assignmentOf).flatMap((found) => (found?.name === name ? [found.value] : []));
    state.variables.set(name, [...new Set(values)]);
  }
}

function loadEnvironment(words: readonly string[], state: State): void {
  const { path, names } = readLoadEnv(words);
  for (const [name, value] of state.surroundings.environment(path === undefined ? undefined : showUnknown(path)) ??
    []) {
    if (names.length === 0 || names.includes(name)) state.variables.set(name, [value]);
  }
}

function runIf(command: Extract<GrubCommand, { kind: 'if' }>, state: State): void {
  const taken: (readonly GrubCommand[])[] = [];
  let undecided = true;
  for (const { condition, body } of command.branches) {
    const result = evaluate(condition, state);
    if (result !== false) taken.push(body);
    undecided = result !== true;
    if (!undecided) break;
  }
  if (undecided) taken.push(command.otherwise);

  const [only, ...others] = taken;
  if (only && others.length === 0) {
    run(only, state);
    return;
  }
  const outcomes = taken.map((body) => {
    const branch: State = { ...state, variables: new Map(state.variables), boots: [...state.boots] };
    run(body, branch);
    return branch;
  });
  state.variables = mergeVariables(outcomes.map((outcome) => outcome.variables));
  const boots = new Map(outcomes.flatMap((outcome) => outcome.boots).map((boot) => [JSON.stringify(boot), boot]));
  state.boots = [...boots.values()];
}

function evaluate(condition: readonly GrubCommand[], state: State): boolean | undefined {
  const last = condition.at(-1);
  run(condition.slice(0, -1), state);
  if (last?.kind !== 'simple') return undefined;
  const results = expandWords(last.words, state.variables).map(([name, ...words]) => {
    if (name === '[' && words.at(-1) === ']') return evaluateTest(words.slice(0, -1), state.surroundings.exists);
    if (name === 'test') return evaluateTest(words, state.surroundings.exists);
    return name === 'true' ? true : name === 'false' ? false : undefined;
  });
  return results.every((result) => result === results[0]) ? results[0] : undefined;
}

/** `for` runs its words through, other loops run once at most for all that is known. */
function runLoop(command: Extract<GrubCommand, { kind: 'loop' }>, state: State): void {
  const [variable, , ...words] = expandWords(command.words, state.variables)[0] ?? [];
  if (variable === undefined) run(command.body, state);
  for (const word of words) {
    state.variables.set(variable ?? '', [word]);
    run(command.body, state);
  }
}
