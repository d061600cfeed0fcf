import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type Agent, agent } from './agent.ts';
import { type PythonInterpreter, python } from './python.ts';
import { pythonPackageDirectories } from './python-packages.ts';
import { isPythonPath, pythonOfScript } from './shebang.ts';
import { type UnitSetting, unitFiles } from './unit-files.ts';

/** What runs when the agent's service starts. */
export interface AgentRuntime {
  /** Where the command stands: the unit, or the program where there is no unit. */
  readonly command: Evidence;
  /** The program that the command names; undefined when it is not in the image or not executable. */
  readonly program: { readonly path: string; readonly present: boolean };
  /** The interpreter, by the command or else by the first line of the program; undefined for a compiled program. */
  readonly interpreter?: { readonly path: string; readonly found: PythonInterpreter | undefined };
  /** Directories that hold the package `azurelinuxagent`. */
  readonly packages: readonly Evidence[];
  /** The one that the interpreter imports; undefined when it finds none, or there is no interpreter. */
  readonly imported?: Evidence;
  /** `import imp` of the program under any version, which Python 3.12 no longer has. */
  readonly importsImp?: Evidence;
}

/** Undefined when there is no agent, or its program cannot be seen. */
export const agentRuntime = defineFact<AgentRuntime | undefined>({
  id: 'agent-runtime',
  description: 'Interpreter, program and Python package with which the agent’s service runs.',
  reads: [
    '/usr/lib/systemd/system/wa{,linux}agent.service',
    '/usr/sbin/waagent',
    '/usr/lib/python*/**/azurelinuxagent',
  ],
  async compute(context) {
    const { rootFs } = context;
    const found = await context.get(agent);
    if (!found.installed || found.inSystemExtension) return undefined;
    const units = await context.get(unitFiles);
    const interpreters = await context.get(python);
    const command = commandOf(units.settings(found.service.name), found);
    if (!command) return undefined;

    const { path } = command;
    const status = rootFs.stat(path);
    const interpreterPath = command.interpreter ?? pythonOfScript(rootFs, path);
    const interpreter =
      interpreterPath === undefined ? undefined : { path: interpreterPath, found: interpreters.at(interpreterPath) };
    // An interpreter reads its script whether or not that is executable.
    const present = status?.type === 'file' && (command.interpreter !== undefined || (status.mode & 0o111) !== 0);
    const imported = interpreter?.found?.findModule('azurelinuxagent');
    const importsImp = findImp(rootFs, path);
    return {
      command: command.evidence,
      program: { path, present },
      ...(interpreter && { interpreter }),
      packages: pythonPackageDirectories(rootFs)
        .map((folder) => `${folder}/azurelinuxagent`)
        .filter((folder) => rootFs.stat(folder)?.type === 'directory')
        .map((folder) => ({ path: folder })),
      ...(imported && { imported }),
      ...(importsImp && { importsImp }),
    };
  },
});

interface Command {
  readonly evidence: Evidence;
  readonly interpreter?: string;
  readonly path: string;
}

function commandOf(settings: readonly UnitSetting[], { executable }: Agent): Command | undefined {
  const setting = settings.findLast(({ section, key }) => section === 'Service' && key === 'ExecStart');
  const words = setting?.value.replace(/^[-@:+!|]+/, '').split(/\s+/) ?? [];
  const [first, ...rest] = words;
  if (setting && first?.startsWith('/')) {
    if (!isPythonPath(first)) return { evidence: setting.evidence, path: first };
    const script = rest.find((word) => word.startsWith('/'));
    return script === undefined ? undefined : { evidence: setting.evidence, interpreter: first, path: script };
  }
  return executable && { evidence: executable, path: executable.path };
}

function findImp(rootFs: RootFs, path: string): Evidence | undefined {
  if (rootFs.stat(path)?.type !== 'file') return undefined;
  const lines = (rootFs.readText(path) ?? '').split('\n');
  const index = lines.findIndex((line) => /^import imp\s*(?:#|$)/.test(line));
  return index < 0 ? undefined : { path, line: index + 1, text: lines[index] ?? '' };
}
