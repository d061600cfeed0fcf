import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Place, placesRead } from './places.ts';
import { type Seal, sealsOf } from './seals.ts';

/** A good image, and where in it damage hurts. */
export interface Golden {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What is read of it before any content of a file. */
  readonly metadata: readonly Place[];
  readonly content: readonly Place[];
  readonly seals: readonly Seal[];
}

/** @param folder `fixtures/images` */
export function imageNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.gz'))
    .map((name) => name.slice(0, -'.gz'.length))
    .sort();
}

export function readImage(folder: string, name: string): Uint8Array {
  // A copy of its own, as `slice` of a Node buffer would not copy.
  return new Uint8Array(gunzipSync(readFileSync(join(folder, `${name}.gz`))));
}

export function readGolden(folder: string, name: string): Golden {
  const bytes = readImage(folder, name);
  return { name, bytes, ...placesRead(bytes), seals: sealsOf(bytes) };
}
