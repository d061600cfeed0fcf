import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from './images.ts';
import { type Judgement, judgeSample, type Reference, referenceOf } from './judge.ts';
import type { Patch } from './patch.ts';

/** A good image as a file, which is damaged and repaired for each sample. */
export class Bench {
  readonly #bytes: Uint8Array;
  readonly #path: string;
  #reference: Promise<Reference> | undefined;

  /**
   * @param images `fixtures/images`
   * @param folder Takes the file.
   */
  constructor(images: string, name: string, folder: string) {
    this.#bytes = readImage(images, name);
    this.#path = join(folder, name);
    // Beside the one that is damaged one that stays good.
    for (const path of [this.#path, `${this.#path}.good`])
      this.#withFile(path, 'w', (file) => writeAll(file, this.#bytes, 0));
  }

  /** Of the image with the patch. */
  async judge({ changes, length }: Patch): Promise<Judgement> {
    this.#reference ??= referenceOf(this.#path);
    const reference = await this.#reference;
    this.#withFile(this.#path, 'r+', (file) => {
      for (const { offset, bytes } of changes) writeAll(file, bytes, offset);
      if (length !== undefined) ftruncateSync(file, length);
    });
    try {
      return await judgeSample(this.#path, reference);
    } finally {
      this.#withFile(this.#path, 'r+', (file) => {
        if (length !== undefined) writeAll(file, this.#bytes.subarray(length), length);
        for (const { offset, bytes } of changes)
          writeAll(file, this.#bytes.subarray(offset, offset + bytes.length), offset);
      });
    }
  }

  #withFile(path: string, flags: string, use: (file: number) => void): void {
    const file = openSync(path, flags);
    try {
      use(file);
    } finally {
      closeSync(file);
    }
  }
}

function writeAll(file: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, offset + at);
}
