import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const images = join(import.meta.dirname, '..', '..', 'fixtures', 'images');

/** Puts an image of fixtures/images under a name into a folder. */
export function unpackImage(name: string, folder: string, as: string): string {
  const path = join(folder, as);
  writeFileSync(path, gunzipSync(readFileSync(join(images, `${name}.img.gz`))));
  return path;
}
