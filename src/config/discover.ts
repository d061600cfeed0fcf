import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { systemErrorCode } from '../host/system-error.ts';
import { otherEnvironment } from './settings.ts';
import { UsageError } from './usage-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names looked for in each directory, in this order. */
const fileNames = ['.vhd-preflight.yaml', '.vhd-preflight.yml', '.vhd-preflight.json'] as const;

export interface FoundConfig {
  /** As shown to the user: relative to the working directory when below it. */
  readonly path: string;
  readonly text: string;
}

/**
 * Finds the one configuration file of a run; the first hit wins and nothing cascades: what `--config` names, what the
 * environment names, the nearest file from the working directory up to the root of its repository, the user's own.
 * No file inside a target is looked at, should the working directory be there: who builds the image must not decide
 * how it is judged.
 */
export function discoverConfig(
  flag: string | undefined,
  environment: Environment,
  cwd: string,
  targets: readonly string[],
): FoundConfig | undefined {
  const named = flag ?? (environment[otherEnvironment.config] || undefined);
  if (named !== undefined) {
    const source = flag === undefined ? otherEnvironment.config : '--config';
    return read(resolve(cwd, named), cwd, source);
  }
  const path = nearestFile(cwd, targets.map(realPathOf)) ?? userFile(environment);
  return path === undefined ? undefined : read(path, cwd);
}

function nearestFile(cwd: string, images: readonly string[]): string | undefined {
  for (let directory = realPathOf(cwd); ; directory = dirname(directory)) {
    if (directory !== sep && images.some((image) => `${directory}${sep}`.startsWith(`${image}${sep}`))) continue;
    const hit = fileNames.map((name) => join(directory, name)).find((path) => existsSync(path));
    if (hit !== undefined) return hit;
    if (existsSync(join(directory, '.git')) || dirname(directory) === directory) return undefined;
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // A target that does not exist is complained about when it is opened.
    return resolve(path);
  }
}

function userFile(environment: Environment): string | undefined {
  const home = environment['HOME'];
  const base = environment['XDG_CONFIG_HOME'] || (home && join(home, '.config'));
  if (!base || !isAbsolute(base)) return undefined;
  const path = join(base, 'vhd-preflight', 'config.yaml');
  return existsSync(path) ? path : undefined;
}

function read(path: string, cwd: string, source?: string): FoundConfig {
  const below = relative(realPathOf(cwd), path);
  const shown = below.startsWith('..') || isAbsolute(below) ? path : below;
  try {
    return { path: shown, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = systemErrorCode(error);
    const reason = code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`;
    throw new UsageError(`${source ? `${source}: ` : ''}${shown}: ${reason}`);
  }
}
