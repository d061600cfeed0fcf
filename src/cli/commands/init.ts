import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { starterFile } from '../../config/starter-file.ts';
import { UsageError } from '../../config/usage-error.ts';
import { systemErrorCode } from '../../host/system-error.ts';
import { toolName } from '../../version.ts';
import { exitCodes } from '../exit-code.ts';
import type { CliIo } from '../io.ts';

const name = `.${toolName}.yaml`;

/** Writes a commented configuration file. Asks nothing and never overwrites. */
export function init(io: CliIo): number {
  try {
    writeFileSync(resolve(io.cwd, name), starterFile(toolName), { flag: 'wx' });
  } catch (error) {
    const code = systemErrorCode(error);
    throw new UsageError(code === 'EEXIST' ? `${name} exists already` : `cannot write ${name}: ${code}`);
  }
  io.stdout.write(`wrote ${name}\n`);
  return exitCodes.pass.code;
}
