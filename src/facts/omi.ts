import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isCouldNotRead } from '../image/could-not-read.ts';
import { packages } from './packages.ts';

/** Open Management Infrastructure, which the retired Log Analytics agent brought along. */
export interface Omi {
  /** Undefined when there is only the program. */
  readonly version?: string;
  readonly evidence: Evidence;
}

const program = '/opt/omi/bin/omiserver';

/** Undefined when it is not installed. */
export const omi = defineFact<Omi | undefined>({
  id: 'omi',
  description: 'Open Management Infrastructure (OMI) by its package or its server program.',
  reads: [program, '/var/lib/dpkg/status', '/var/lib/rpm/*'],
  async compute(context) {
    const hasProgram = context.rootFs.stat(program) !== undefined;
    const installed = await context.get(packages);
    if (isCouldNotRead(installed.state) && !hasProgram) throw installed.state;
    if (installed.state !== 'read') return hasProgram ? { evidence: { path: program } } : undefined;
    const found = installed.find('omi');
    if (found) return { version: found.version, evidence: found.evidence };
    return hasProgram ? { evidence: { path: program } } : undefined;
  },
});
