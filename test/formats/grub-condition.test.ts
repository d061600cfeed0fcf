import { describe, expect, it, test } from '@jest/globals';
import { evaluateTest } from '../../src/formats/grub-condition.ts';
import { grubNumber } from '../../src/formats/grub-number.ts';
import { unknownValue } from '../../src/formats/grub-variables.ts';

/** One file is there, one is not, of the rest nobody knows; `%x` stands for a variable that nobody knows. */
const files = new Map([
  ['/there', true],
  ['/absent', false],
  ['$x/there', true],
]);
const evaluate = (words: readonly string[]) =>
  evaluateTest(
    words.map((word) => word.replace('%x', unknownValue('x'))),
    (path) => files.get(path),
  );

describe("GRUB's test", () => {
  test.each<[string, boolean | undefined]>([
    // Words.
    ['a = a', true],
    ['a = b', false],
    ['a == a', true],
    ['a == b', false],
    ['a != b', true],
    ['a != a', false],
    ['a < b', true],
    ['a < a', false],
    ['b < a', false],
    ['a <= a', true],
    ['b <= a', false],
    ['b > a', true],
    ['a > a', false],
    ['a > b', false],
    ['a >= a', true],
    ['a >= b', false],
    // Numbers.
    ['2 -eq 02', true],
    ['2 -eq 3', false],
    ['2 -ne 3', true],
    ['2 -ne 2', false],
    ['2 -lt 10', true],
    ['2 -lt 2', false],
    ['3 -lt 2', false],
    ['2 -le 2', true],
    ['3 -le 2', false],
    ['10 -gt 2', true],
    ['2 -gt 2', false],
    ['2 -gt 3', false],
    ['2 -ge 2', true],
    ['2 -ge 3', false],
    ['none -eq 0', true],
    // One word, and none.
    ['a', true],
    ['', false],
    ['-n a', true],
    ['-n ', false],
    ['-z a', false],
    ['-z ', true],
    ['-n', true],
    ['!', true],
    ['a =', true],
    ['-n -z ', false],
    ['-n ! ', false],
    // Files.
    ['-e /there', true],
    ['-e /absent', false],
    ['-e /elsewhere', undefined],
    ['-f /there', true],
    ['-f /absent', false],
    ['-s /there', true],
    ['-s /absent', false],
    ['-d /there', undefined],
    ['-f %x/there', true],
    ['-x /there', true],
    // What nobody knows.
    ['%x', undefined],
    ['a%x', undefined],
    ['-n %x', undefined],
    ['-z %x', undefined],
    ['%x = a', undefined],
    ['a = %x', undefined],
    ['/there -nt /absent', undefined],
    ['/there -ot10 /absent', undefined],
    ['vmlinuz-2 -plt vmlinuz-11', undefined],
    ['vmlinuz-2 -pgt vmlinuz-11', undefined],
    ['a -pgtx a', true],
    ['a b-nt c', true],
    // Joined.
    ['! a', false],
    ['! ', true],
    ['! ! a', true],
    ['! -a ', true],
    ['! a = b', true],
    ['! %x', undefined],
    ['a -a b', true],
    ['a -a ', false],
    [' -a a', false],
    ['a b', true],
    ['a ', false],
    ['%x -a ', false],
    [' -a %x', false],
    ['%x -a a', undefined],
    ['a -a %x', undefined],
    ['a -a ! b', false],
    ['! a -a ', false],
    ['! a -o b', true],
    ['a -o ', true],
    [' -o a', true],
    [' -o ', false],
    ['%x -o a', true],
    ['a -o %x', true],
    ['%x -o ', undefined],
    [' -o %x', undefined],
    ['a -o b -a ', true],
    [' -a a -o b', true],
    ['a -a  -o b = c', false],
    // In parentheses.
    ['( a )', true],
    ['(  )', false],
    ['! ( a -a  )', true],
    ['( a -o b ) -a ', false],
    ['( a = b ) -o c', true],
    ['a )  b', true],
    // The bracket that closes.
    ['a ]', true],
    [' ]', false],
    [']', true],
    ['a = ]', true],
    ['-z ]', true],
  ])('[ %s is %s', (text, expected) => {
    expect(evaluate(text.split(' '))).toBe(expected);
  });

  it('holds without a word', () => expect(evaluate([])).toBe(true));

  it('leaves the words as they are', () => {
    const words = ['a', '=', 'a'];
    evaluate(words);
    expect(words).toEqual(['a', '=', 'a']);
  });
});

describe("GRUB's numbers", () => {
  test.each([
    ['', 0],
    ['x', 0],
    ['x5', 0],
    ['12', 12],
    ['12x', 12],
    [' \t\v12', 12],
    ['-12', -12],
    ['0', 0],
    ['0x1f', 31],
    ['0xFF', 255],
    ['0X1f', 0],
    ['0x', 0],
    ['017', 15],
    ['08', 8],
  ])('%j is %d', (text, value) => expect(grubNumber(text)).toBe(value));
});
