import { assignmentOf, readHeader, readLoadEnv, toBoot, variableSetBy } from './grub-commands.ts';
import type { FileProbe } from './grub-condition.ts';
import {
  alwaysExported,
  directoryOf,
  findFiles,
  type GrubFile,
  type GrubScriptCache,
  runsFile,
  scriptOf,
} from './grub-files.ts';
import type {
  GrubBeyond,
  GrubBoot,
  GrubConfiguration,
  GrubMenuItem,
  GrubSurroundings,
  GrubUnseen,
} from './grub-model.ts';
import { type GrubCommand, parseGrubScript } from './grub-script.ts';
import { statusOf } from './grub-status.ts';
import { expandWords, GrubVariables, MAX_COMBINATIONS, showUnknown, unknownValue } from './grub-variables.ts';

export type {
  GrubBoot,
  GrubConfiguration,
  GrubMenuItem,
  GrubSurroundings,
  GrubUnseen,
} from './grub-model.ts';

interface State {
  readonly variables: GrubVariables;
  readonly functions: Map<string, readonly GrubCommand[]>;
  /** Items that are made once the menu is up, with the variables as they are then. */
  readonly menu: ((variables: GrubVariables) => GrubMenuItem)[];
  boots: GrubBoot[];
  readonly surroundings: GrubSurroundings;
  readonly budget: { commands: number; depth: number; files: number };
  readonly scripts: GrubScriptCache;
  /** The sourced file that is being run. */
  file: string | undefined;
  /** `configfile` has taken over, and what follows does not run. */
  isOver: boolean;
  readonly unseen: GrubUnseen[];
  readonly shown: GrubConfiguration[];
  /** Files of which a condition could not tell whether they are there. */
  readonly doubtful: Set<string>;
  readonly exported: Set<string>;
}

/** A loop or recursion ends here; generated files run a few hundred commands. */
const MAX_COMMANDS = 20_000;
const MAX_DEPTH = 200;
const MAX_FILES = 16;

/**
 * grub.cfg as GRUB 2 runs it, without disks: variables are expanded, `if` follows what is known and takes every branch
 * where nothing is, and menu entries are looked into after the whole file has run, as on the machine.
 */
export function parseGrubCfg(text: string, surroundings: GrubSurroundings): GrubConfiguration {
  const { commands, problems } = parseGrubScript(text);
  const state: State = {
    variables: new GrubVariables(),
    functions: new Map(),
    menu: [],
    boots: [],
    surroundings,
    budget: { commands: MAX_COMMANDS, depth: MAX_DEPTH, files: MAX_FILES },
    scripts: new Map(),
    file: undefined,
    isOver: false,
    unseen: [],
    shown: [],
    doubtful: new Set(),
    exported: new Set(alwaysExported),
  };
  return { ...configure(commands, state), problems };
}

function configure(commands: readonly GrubCommand[], state: State): Omit<GrubConfiguration, 'problems'> {
  const menu = runMenu(commands, state);
  const { variables } = state;
  return {
    // The menu of the other file is up until somebody leaves it.
    menu: state.isOver ? [] : menu,
    defaults: variables.get('default').map(showUnknown),
    variable: (name) => variables.get(name).map(showUnknown),
    ...beyond(state),
  };
}

function beyond({ unseen, shown }: State): GrubBeyond {
  return { ...(unseen.length > 0 && { unseen }), ...(shown.length > 0 && { shown }) };
}

function runMenu(commands: readonly GrubCommand[], state: State): readonly GrubMenuItem[] {
  run(commands, state);
  return state.menu.map((lookInto) => lookInto(state.variables));
}

function run(commands: readonly GrubCommand[], state: State): void {
  const { budget } = state;
  if (budget.depth <= 0) return;
  budget.depth -= 1;
  for (const command of commands) {
    budget.commands -= 1;
    if (budget.commands < 0 || state.isOver) break;
    if (command.kind === 'function') state.functions.set(command.name, command.body);
    else if (command.kind === 'if') runIf(command, state);
    else if (command.kind === 'loop') runLoop(command, state);
    else runSimple(command, state);
  }
  budget.depth += 1;
}

type Simple = Extract<GrubCommand, { kind: 'simple' }>;

const LINUX = /^linux(?:16|efi)?$/;
const INITRD = /^initrd(?:16|efi)?$/;

function runSimple(command: Simple, state: State): void {
  const possible = expandWords(command.words, state.variables);
  const [name = '', ...words] = possible[0] ?? [];
  const body = state.functions.get(name);
  if (name === 'menuentry' || name === 'submenu') addMenuItem(name, words, command, state);
  else if (name === 'blscfg') state.menu.push(() => ({ kind: 'boot-loader-entries', line: command.line }));
  else if (name === 'export') for (const variable of words) state.exported.add(variable);
  else if (!body && runsFile(name)) runFile(name, possible, command.line, state);
  else if (name === 'unset') for (const variable of words) state.variables.set(variable, ['']);
  else if (name === 'load_env') loadEnvironment(words, state);
  else if (LINUX.test(name))
    state.boots = possible.map(([, ...rest]) => ({ ...toBoot(rest, command.line), ...placeOf(state) }));
  else if (INITRD.test(name)) {
    const initrds = words.filter((word) => word !== '').map(showUnknown);
    state.boots = state.boots.map((boot) => ({ ...boot, initrds }));
  } else if (body) run(body, state);
  else if (name === 'set' || name.includes('=')) assign(possible, state);
  else {
    const variable = variableSetBy(name, words);
    if (variable !== undefined) state.variables.set(variable, [unknownValue(variable)]);
  }
}

/** What a menu, or an entry, begins without. */
function fresh(file: string | undefined): Pick<State, 'file' | 'isOver' | 'unseen' | 'shown' | 'menu' | 'boots'> {
  return { file, isOver: false, unseen: [], shown: [], menu: [], boots: [] };
}

function addMenuItem(kind: 'menuentry' | 'submenu', words: readonly string[], command: Simple, state: State): void {
  const header = { ...readHeader(words), line: command.line };
  const { file } = state;
  state.menu.push((variables) => {
    const inner: State = { ...state, ...fresh(file), variables: new GrubVariables(variables) };
    const items = runMenu(command.block ?? [], inner);
    const item = { ...header, ...beyond(inner) };
    return kind === 'submenu' ? { kind, ...item, items } : { kind: 'entry', ...item, boots: inner.boots };
  });
}

function assign(possible: readonly (readonly string[])[], state: State): void {
  const assigned = new Map<string, Set<string>>();
  for (const { name, value } of possible.flatMap((words) => assignmentOf(words) ?? [])) {
    assigned.set(name, (assigned.get(name) ?? new Set()).add(value));
  }
  for (const [name, values] of assigned) state.variables.set(name, [...values]);
}

function loadEnvironment(words: readonly string[], state: State): void {
  const { path, names } = readLoadEnv(words);
  const found = state.surroundings.environment(path === undefined ? undefined : showUnknown(path));
  for (const [name, value] of found?.entries() ?? []) {
    if (names.length === 0 || names.includes(name)) state.variables.set(name, [value]);
  }
}

function runIf(command: Extract<GrubCommand, { kind: 'if' }>, state: State): void {
  runOneOf(
    possibleBodies(command, state).map((body) => (branch) => run(body, branch)),
    state,
  );
}

/** Runs each as if it were the one that the machine runs, and keeps every outcome. */
function runOneOf(alternatives: readonly ((branch: State) => void)[], state: State): void {
  const [only, ...others] = alternatives;
  if (others.length === 0) {
    only?.(state);
    return;
  }
  const outcomes = alternatives.map((alternative) => {
    const branch: State = { ...state, variables: new GrubVariables(state.variables) };
    alternative(branch);
    return branch;
  });
  const going = outcomes.filter(({ isOver }) => !isOver);
  state.isOver = going.length === 0;
  state.variables.merge((going.length > 0 ? going : outcomes).map(({ variables }) => variables));
  const boots = new Map(outcomes.flatMap((outcome) => outcome.boots).map((boot) => [JSON.stringify(boot), boot]));
  state.boots = [...boots.values()].slice(0, MAX_COMBINATIONS);
}

function placeOf({ file }: State): { readonly file?: string } {
  return file === undefined ? {} : { file };
}

/** `source`, `.` and `configfile` (`grub_cmd_source`). */
function runFile(name: string, possible: readonly (readonly string[])[], line: number, state: State): void {
  const { surroundings, unseen, doubtful } = state;
  if (!surroundings.file) return;
  const paths = [...new Set(possible.map(([, path = '']) => showUnknown(path)))];
  const { files, missing } = findFiles(paths, surroundings.file, doubtful);
  if (missing) unseen.push({ ...missing, line, ...placeOf(state) });
  if (state.budget.files <= 0 && files[0]) {
    unseen.push({ path: files[0].path, reason: 'is nested too deeply', line, ...placeOf(state) });
    return;
  }
  const isNew = name === 'configfile';
  if (isNew) state.shown.push(...files.filter(({ isMenu }) => !isMenu).map((file) => showFile(file, state)));
  else if (files.length > 0)
    runOneOf(
      files.map((file) => (branch) => runInside(file, branch)),
      state,
    );
  if (isNew && files.length > 0) state.isOver = true;
}

/** In the same context, so that entries, variables and functions stay. */
function runInside(found: GrubFile, state: State): void {
  const { file, budget } = state;
  const before = state.variables.get('config_directory');
  state.file = found.path;
  state.variables.set('config_directory', [directoryOf(found.path)]);
  budget.files -= 1;
  run(scriptOf(found, state.scripts), state);
  budget.files += 1;
  state.file = file;
  state.variables.set('config_directory', before);
}

/** In a context of its own, which inherits what is exported. */
function showFile(found: GrubFile, state: State): GrubConfiguration {
  const { budget, exported } = state;
  const variables = new GrubVariables();
  for (const name of exported) variables.set(name, state.variables.get(name));
  variables.set('config_directory', [directoryOf(found.path)]);
  budget.files -= 1;
  const configuration = configure(scriptOf(found, state.scripts), { ...state, ...fresh(found.path), variables });
  budget.files += 1;
  return { ...configuration, problems: [] };
}

/** What may run: the bodies up to the first condition that surely holds. */
function possibleBodies(
  { branches, otherwise }: Extract<GrubCommand, { kind: 'if' }>,
  state: State,
): (readonly GrubCommand[])[] {
  const bodies: (readonly GrubCommand[])[] = [];
  for (const { condition, body } of branches) {
    const result = evaluate(condition, state);
    if (result !== false) bodies.push(body);
    if (result === true) return bodies;
  }
  return [...bodies, otherwise];
}

/** The status of the last command; what the condition does besides, such as `search --set`, stays done. */
function evaluate(condition: readonly GrubCommand[], state: State): boolean | undefined {
  const last = condition.at(-1);
  run(condition.slice(0, -1), state);
  const probe: FileProbe = (path) => {
    const isThere = state.surroundings.exists(path);
    if (isThere === undefined) state.doubtful.add(path);
    return isThere;
  };
  const possible = last?.kind === 'simple' ? expandWords(last.words, state.variables) : [];
  const [first, ...others] = possible.map((words) => statusOf(words, probe));
  run(condition.slice(-1), state);
  return others.every((result) => result === first) ? first : undefined;
}

/** `for` runs its words through; how often another loop runs cannot be said, so it runs once. */
function runLoop(command: Extract<GrubCommand, { kind: 'loop' }>, state: State): void {
  const [variable, , ...words] = expandWords(command.words, state.variables)[0] ?? [];
  if (variable === undefined) {
    run([...command.condition, ...command.body], state);
    return;
  }
  for (const word of words) {
    state.variables.set(variable, [word]);
    run(command.body, state);
  }
}
