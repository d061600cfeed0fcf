import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { expandGlob } from './expand-glob.ts';
import { unitFiles } from './unit-files.ts';

/** Files of an agent's package that stay behind when it is removed. */
export interface AgentLeftovers {
  /** waagent.conf, and copies of it that a package manager keeps. */
  readonly configuration: readonly Evidence[];
  /** Links in unit directories that lead to a service that is gone. */
  readonly links: readonly Evidence[];
  readonly unread: readonly CouldNotRead[];
}

const configurations = ['/etc/waagent.conf', '/etc/waagent.conf.*'];
const services = ['waagent.service', 'walinuxagent.service'];
const links = ['/etc/systemd/system/*.{wants,requires}'];

/** What a removed agent leaves; what it wrote itself is the fact `agent-state`. */
export const agentLeftovers = defineFact<AgentLeftovers>({
  id: 'agent-leftovers',
  description: 'Configuration and unit links of an agent that may not be there any more.',
  reads: [...configurations, ...links],
  async compute(context) {
    const { rootFs } = context;
    const units = await context.get(unitFiles);
    const found = configurations.map((pattern) => attempt(() => expandGlob(rootFs, pattern)));
    const dangling = attempt(() =>
      ['wants', 'requires'].flatMap((kind) =>
        expandGlob(rootFs, `/etc/systemd/system/*.${kind}`).flatMap((directory) =>
          services
            .map((name) => `${directory}/${name}`)
            .filter((path) => rootFs.lstat(path)?.type === 'symlink' && rootFs.stat(path) === undefined),
        ),
      ),
    );
    const isGone = services.every((name) => units.state(name).fragmentPath === undefined);
    return {
      configuration: found.flatMap((paths) => (isCouldNotRead(paths) ? [] : paths)).map((path) => ({ path })),
      links: isCouldNotRead(dangling) || !isGone ? [] : dangling.map((path) => ({ path })),
      unread: [...found, dangling].filter(isCouldNotRead),
    };
  },
});
