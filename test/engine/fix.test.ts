import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fixFor, nameFile, quoteForShell, steps } from '../../src/engine/fix.ts';
import type { Family } from '../../src/engine/model.ts';

const byFamily = { rhel: ['r'], debian: ['d'], ubuntu: ['u'], flatcar: [], default: ['x'] };

describe('fixFor', () => {
  test.each<[Family | undefined, readonly string[] | undefined]>([
    ['rhel', ['r']],
    ['fedora', ['r']],
    ['oracle', ['r']],
    ['debian', ['d']],
    ['ubuntu', ['u']],
    ['suse', ['x']],
    ['other', ['x']],
    [undefined, ['x']],
    ['flatcar', undefined],
  ])('%s', (family, lines) => {
    expect(fixFor(byFamily, family)).toEqual(lines);
  });

  test('one list is for all, and none is for nobody', () => {
    expect(fixFor(['a'], 'suse')).toEqual(['a']);
    expect(fixFor(undefined, 'suse')).toBeUndefined();
    expect(fixFor({ rhel: ['r'] }, 'suse')).toBeUndefined();
    expect(fixFor({ rhel: ['r'] }, undefined)).toBeUndefined();
  });
});

test('steps follow each other for every family that one of them knows', () => {
  const fix = steps('first', byFamily, { suse: ['s'] }, ['for', 'all']);
  expect(fixFor(fix, 'oracle')).toEqual(['first', 'r', 'for', 'all']);
  expect(fixFor(fix, 'ubuntu')).toEqual(['first', 'u', 'for', 'all']);
  expect(fixFor(fix, 'flatcar')).toEqual(['first', 'for', 'all']);
  expect(fixFor(fix, 'suse')).toEqual(['first', 'x', 's', 'for', 'all']);
  expect(fixFor(fix, undefined)).toEqual(['first', 'x', 'for', 'all']);
  expect(fixFor(steps({ rhel: ['r'] }), 'suse')).toBeUndefined();
});

describe('nameFile', () => {
  test.each([
    ['mv FILE new.vhd', 'my image.vhd', "mv 'my image.vhd' new.vhd"],
    ['cat FILE; rm FILE', '$&.vhd', "cat '$&.vhd'; rm '$&.vhd'"],
    ['echo PROFILE FILES FILE.bak /FILE', 'a.vhd', 'echo PROFILE FILES FILE.bak /FILE'],
    ['mv FILE new.vhd', '-n', 'mv ./-n new.vhd'],
    ['mv FILE new.vhd', undefined, 'mv FILE new.vhd'],
    ['mv FILE new.vhd', '', 'mv FILE new.vhd'],
  ])('%s with %s', (line, name, expected) => {
    expect(nameFile([line], name)).toEqual([expected]);
  });
});

test('a quoted word is one word of the shell, and no option', () => {
  const word = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/\0|\p{Surrogate}/u.test(text));
  const words = [
    ...fc.sample(word, { numRuns: 500, seed: 20_261_125 }),
    "it's",
    '-rf',
    '$(id)',
    'a\nb',
    '~',
    '#a',
    '!x',
  ];
  const input = words.map((text) => `printf '%s\\0' ${quoteForShell(text)}\n`).join('');
  const { stdout } = spawnSync('bash', [], { input, encoding: 'utf8' });
  expect(stdout.split('\0').slice(0, -1)).toEqual(words.map((text) => (text.startsWith('-') ? `./${text}` : text)));
});
