import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

const bin = join(import.meta.dirname, '..', '..', 'bin');
// Starting a program takes a while on a busy machine.
jest.setTimeout(60_000);

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'load-'));
  mkdirSync(join(scratch, 'bin'));
  mkdirSync(join(scratch, 'dist'));
  for (const name of ['load.js', 'package.json']) copyFileSync(join(bin, name), join(scratch, 'bin', name));
  bundle('exports.answer = () => 42;');
});
afterEach(() => rmSync(scratch, { recursive: true }));

/** As scripts/bundle.js opens it: with a mark of its content. */
const bundle = (text: string, name = 'cli.cjs') =>
  writeFileSync(
    join(scratch, 'dist', name),
    `/*${createHash('sha256').update(text).digest('hex').slice(0, 16)}*/(function (exports, require, module, __filename) {${text}})`,
  );
const cacheFolder = () => join(scratch, 'dist', 'code-cache');
const cacheFile = () => join(cacheFolder(), readdirSync(cacheFolder())[0] ?? '');

/** Loads the bundle in a process of its own, calls a function of it, and keeps the code. */
function answer({ isBroad = true, call = 'answer', kind = 'file' } = {}): string {
  const script = `const { ${call}, keepCode } = require(${JSON.stringify(join(scratch, 'bin', 'load.js'))}).load('${kind}');
    console.log(${call}()); keepCode(${isBroad});`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  return stdout.trim() + stderr;
}

describe('the loader of the bundle', () => {
  it('keeps the compiled code under the version of Node, and nothing else', () => {
    expect(answer()).toBe('42');
    expect(readdirSync(cacheFolder())).toEqual([expect.stringContaining(`${process.version}-${process.arch}-`)]);
    const kept = readFileSync(cacheFile());
    expect(answer()).toBe('42');
    expect(readFileSync(cacheFile()).equals(kept)).toBe(true);
  });

  it('runs the bundle that is there, whatever code an earlier one left', () => {
    answer();
    // Of the same length, which is all that V8 looks at.
    bundle('exports.answer = () => 43;');
    expect(answer()).toBe('43');
    expect(readdirSync(cacheFolder())).toHaveLength(2);
  });

  it('lets a broad run take the place of a narrow one, and never the other way round', () => {
    const text = (count: number) => Array.from({ length: count }, (_, index) => `x += ${index};`).join('');
    bundle(`exports.few = () => 1; exports.answer = () => { let x = 0; ${text(200)} return x; };`);
    const size = (name: RegExp) =>
      readdirSync(cacheFolder()).flatMap((file) => (name.test(file) ? [statSync(join(cacheFolder(), file)).size] : []));
    answer({ isBroad: false, call: 'few' });
    const [narrow = 0, ...others] = size(/-narrow$/);
    expect([others, size(/-file$/)]).toEqual([[], []]);
    expect(answer({ isBroad: false })).toBe('19900');
    expect(size(/-narrow$/)).toEqual([narrow]);
    expect(answer()).toBe('19900');
    const [broad = 0] = size(/-file$/);
    expect(broad).toBeGreaterThan(narrow);
    expect(size(/-narrow$/)).toEqual([]);
    expect(answer({ isBroad: false, call: 'few' })).toBe('1');
    expect(answer({ call: 'few' })).toBe('1');
    expect(size(/-file$/)).toEqual([broad]);
  });

  it('keeps the code of each kind of run apart, and begins with that of the other', () => {
    answer({ kind: 'directory' });
    expect(readdirSync(cacheFolder())).toEqual([expect.stringMatching(/-directory$/)]);
    expect(answer({ isBroad: false })).toBe('42');
    expect(readdirSync(cacheFolder())).toHaveLength(1);
    answer();
    expect(readdirSync(cacheFolder())).toHaveLength(2);
  });

  it('guesses the kind of a run by its arguments', () => {
    const script = `const { kindOf } = require(${JSON.stringify(join(scratch, 'bin', 'load.js'))});
      console.log(kindOf(['--quiet', ${JSON.stringify(scratch)}]), kindOf(['x'.repeat(10000), 'no.vhd']));`;
    expect(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout).toBe('directory file\n');
  });

  it('gives each script the modules of the other, and keeps the code of both', () => {
    bundle('exports.shared = { word: () => ({ word: 42 }) }; exports.answer = () => require("later:a/b.ts").answer();');
    bundle('exports["a/b.ts"] = () => ({ answer: () => require("main:word").word });', 'later.cjs');
    expect(answer()).toBe('42');
    expect(readdirSync(cacheFolder())).toHaveLength(2);
    expect(answer()).toBe('42');
  });

  it('leaves the second script alone until it is asked for', () => {
    bundle('throw new Error("too early");', 'later.cjs');
    expect(answer()).toBe('42');
    expect(readdirSync(cacheFolder())).toHaveLength(1);
  });

  it.each([
    ['empty', ''],
    ['cut', 'half'],
    ['of another kind', '#!/bin/sh\nexit 1\n'.repeat(200)],
  ])('does without a cache that is %s', (_, text) => {
    answer();
    writeFileSync(cacheFile(), text === 'half' ? readFileSync(cacheFile()).subarray(0, 100) : text);
    expect(answer()).toBe('42');
  });

  it('does without a cache where it may not write one', () => {
    // A file in the place of the folder stops root too.
    writeFileSync(cacheFolder(), '');
    expect(answer()).toBe('42');
    expect(readFileSync(cacheFolder(), 'utf8')).toBe('');
  });

  it('finds modules beside the bundle, ES modules too, also when its code comes from the cache', () => {
    mkdirSync(join(scratch, 'node_modules', 'neighbour'), { recursive: true });
    writeFileSync(join(scratch, 'node_modules', 'neighbour', 'package.json'), '{"type":"module","exports":"./i.js"}');
    writeFileSync(join(scratch, 'node_modules', 'neighbour', 'i.js'), 'export const name = "neighbour";');
    bundle('exports.answer = () => [require("neighbour").name, __filename].join();');
    const expected = `neighbour,${join(scratch, 'dist', 'cli.cjs')}`;
    expect(answer()).toBe(expected);
    expect(answer()).toBe(expected);
  });
});
