import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nearest } from '../config/did-you-mean.ts';
import { UsageError } from '../config/usage-error.ts';
import { type OpenOptions, openTarget } from '../host/open.ts';
import type { Image, TargetError } from '../image/image.ts';
import { commandNames } from './command-names.ts';

/** A target that cannot be scanned, with the sentence that says why. */
export interface Unscanned {
  readonly target: string;
  readonly message: string;
}

export interface Targets {
  readonly found: readonly string[];
  readonly unscanned: readonly Unscanned[];
}

/** Names and patterns as the user gave them → targets, each once. A name that matches nothing is never passed over. */
export async function expandTargets(names: readonly string[], cwd: string): Promise<Targets> {
  const found = new Set<string>();
  const unscanned: Unscanned[] = [];
  for (const name of names) {
    if (existsSync(resolve(cwd, name))) found.add(name);
    else if (/[*?[\]{}]/.test(name)) {
      const matches = await matchesOf(name, cwd);
      for (const match of matches) found.add(match);
      if (matches.length === 0) unscanned.push({ target: name, message: `${name}: the pattern matches nothing` });
    } else unscanned.push({ target: name, message: `${name}: no such file or directory${commandHint(name)}` });
  }
  return { found: [...found], unscanned };
}

/**
 * The part of the targets that one of several jobs takes: every n-th, so that no job gets all of a kind.
 *
 * @param shard `i/n`, counted from 1.
 * @throws {UsageError} also for a part without targets: a scan of nothing must not pass.
 */
export function shardOf({ found, unscanned }: Targets, shard: string): Targets {
  const [, i = 0, n = 0] = (/^(\d+)\/(\d+)$/.exec(shard) ?? []).map(Number);
  if (i < 1 || i > n) throw new UsageError(`--shard: expected I/N with I from 1 to N, found "${shard}"`);
  const mine = <T>(_: T, index: number) => index % n === i - 1;
  const part = { found: found.filter(mine), unscanned: unscanned.filter(mine) };
  if (part.found.length + part.unscanned.length > 0) return part;
  throw new UsageError(`--shard ${shard}: has no target, as there are only ${found.length}`);
}

async function matchesOf(pattern: string, cwd: string): Promise<readonly string[]> {
  const { globby } = await import('globby');
  const matches = await globby(pattern, { cwd, onlyFiles: false, expandDirectories: false });
  return matches.sort();
}

function commandHint(name: string): string {
  const command = name.includes('/') ? undefined : nearest(name, commandNames);
  return command === undefined ? '' : `; did you mean the command "${command}"?`;
}

/** Opens a target by the name that the user gave it. */
export async function openNamed(target: string, cwd: string, options: OpenOptions = {}): Promise<Image | Unscanned> {
  return named(target, cwd, (path) => openTarget(path, options));
}

/** Runs `open` with the path that a name of the user means, and says what stands against it by that name. */
export async function named<T>(
  target: string,
  cwd: string,
  open: (path: string) => Promise<T>,
): Promise<T | Unscanned> {
  const path = resolve(cwd, target);
  try {
    return { ...(await open(path)), target };
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return { target, message: error.message.replace(`${path}: `, `${target}: `) };
  }
}

export function isUnscanned(value: object): value is Unscanned {
  return 'message' in value;
}

function isTargetError(error: unknown): error is TargetError {
  return error instanceof Error && 'code' in error && error.code === 'TARGET';
}

/** Short names for reports: the last part of each path, and as many before it as tell two targets apart. */
export function labelsOf(targets: readonly string[], cwd: string): readonly string[] {
  const paths = targets.map((target) =>
    resolve(cwd, target)
      .split('/')
      .filter((part) => part !== ''),
  );
  return paths.map((parts) => {
    for (let count = 1; count < parts.length; count += 1) {
      const label = parts.slice(-count).join('/');
      const namesakes = paths.filter((other) => other.slice(-count).join('/') === label);
      if (namesakes.length === 1) return label;
    }
    return parts.join('/') || 'root';
  });
}
