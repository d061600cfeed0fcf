import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';
import { cloudInit } from './cloud-init.ts';
import { executables } from './executables.ts';
import { packages } from './packages.ts';
import { type PythonInterpreter, python } from './python.ts';
import { pythonOfScript } from './shebang.ts';
import { unitFiles } from './unit-files.ts';

/** `openbsd` and `ncat` take `-U`; `traditional` and `busybox` do not; `unknown` does not say what it is. */
export type NetcatVariant = 'openbsd' | 'ncat' | 'traditional' | 'busybox' | 'unknown';

/** Programs that cloud-init needs beside itself. */
export interface CloudInitRuntime {
  /** By the first line of its program; undefined when that names none. */
  readonly interpreter?: { readonly path: string; readonly found: PythonInterpreter | undefined };
  /** How its stages speak with its one process; undefined where every stage is a process of its own. */
  readonly socket?: {
    /** Line of cloud-init-local.service. */
    readonly evidence: Evidence;
    readonly netcat?: { readonly variant: NetcatVariant; readonly evidence: Evidence };
  };
}

const localStage = 'cloud-init-local.service';

export const cloudInitRuntime = defineFact<CloudInitRuntime>({
  id: 'cloud-init-runtime',
  description: 'The interpreter of cloud-init, and the netcat that its stages need from 24.3 on.',
  reads: ['/usr/bin/cloud-init', `/usr/lib/systemd/system/${localStage}`, '/usr/bin/nc'],
  async compute(context) {
    const { rootFs } = context;
    const { executable } = await context.get(cloudInit);
    const path = executable && pythonOfScript(rootFs, executable.path);
    const interpreters = await context.get(python);
    const command = (await context.get(unitFiles))
      .settings(localStage)
      .findLast(({ section, key }) => section === 'Service' && key === 'ExecStart');
    const [, name] = /\b(nc|netcat|ncat)\s+(?:-\S+\s+)*-\w*U/.exec(command?.value ?? '') ?? [];
    const program = name === undefined ? undefined : (await context.get(executables)).find(name);
    const installed = await context.get(packages);
    // Throws where the database could not be read.
    const byPackage = (...names: readonly string[]) => installed.find(...names) !== undefined;
    return {
      ...(path !== undefined && { interpreter: { path, found: interpreters.at(path) } }),
      ...(command &&
        name !== undefined && {
          socket: {
            evidence: command.evidence,
            ...(program && { netcat: { variant: variantOf(rootFs, program.path, byPackage), evidence: program } }),
          },
        }),
    };
  },
});

/** Debian's alternatives and Fedora's link lead to a file whose name tells; elsewhere the package does. */
function variantOf(rootFs: RootFs, path: string, isInstalled: (...names: readonly string[]) => boolean): NetcatVariant {
  const real = rootFs.realPath(path) ?? path;
  const [, name] = /(openbsd|ncat|traditional|busybox)/.exec(real.slice(real.lastIndexOf('/') + 1)) ?? [];
  if (name === 'openbsd' || name === 'ncat' || name === 'traditional' || name === 'busybox') return name;
  if (isInstalled('netcat-openbsd', 'openbsd-netcat')) return 'openbsd';
  return isInstalled('nmap-ncat') ? 'ncat' : 'unknown';
}
