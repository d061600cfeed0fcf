import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolName } from '../version.ts';

/** Directory of this package, wherever the running module lies in it: in the sources, the library or the bundle. */
export function packageRoot(): string {
  const root = enclosingPackage(dirname(fileURLToPath(import.meta.url)));
  if (root === undefined) throw new Error('the package.json of this program is missing');
  return root;
}

/** The nearest directory from `start` upwards that holds this package's package.json. */
export function enclosingPackage(start: string): string | undefined {
  for (let directory = start; ; directory = dirname(directory)) {
    if (isOurs(join(directory, 'package.json'))) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}

function isOurs(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    // Whatever the file holds, a wrong shape only makes the comparison false.
    return (JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown } | null)?.name === toolName;
  } catch {
    // Somebody's broken package.json on the way up is not ours.
    return false;
  }
}
