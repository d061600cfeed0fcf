import { grubNumber } from './grub-number.ts';
import { isUnknown, showUnknown } from './grub-variables.ts';

/** Whether a file is there for GRUB; undefined when that cannot be said. Unknown variables stand in the path as `$name`. */
export type FileProbe = (path: string) => boolean | undefined;

/** Undefined where it depends on what is unknown. */
type Truth = boolean | undefined;

/**
 * GRUB's `[ … ]` and `test …` (`test_parse` in `commands/test.c`), without the name of the command: `-o` binds weaker than
 * `-a`, a lone word is true when it is not empty, and nothing at all is true.
 */
export function evaluateTest(words: readonly string[], probe: FileProbe): Truth {
  return takeExpression(words.at(-1) === ']' ? words.slice(0, -1) : [...words], probe);
}

/** Takes words off the front, up to the end or to a closing parenthesis. */
function takeExpression(words: string[], probe: FileProbe): Truth {
  let alternatives: Truth = false;
  let terms: Truth = true;
  let isNegated = false;
  const add = (term: Truth) => {
    terms = both(terms, isNegated ? negation(term) : term);
    isNegated = false;
  };
  while (words.length > 0) {
    const term = takeTerm(words, probe);
    if (term) {
      add(term.value);
      continue;
    }
    const word = words.shift() ?? '';
    if (word === ')') break;
    if (word === '(') add(takeExpression(words, probe));
    else if (word === '!') isNegated = !isNegated;
    else if (word === '-o') {
      alternatives = either(alternatives, terms);
      terms = true;
    } else if (word !== '-a') add(isUnknown(word) ? undefined : word !== '');
  }
  return either(alternatives, terms);
}

/** A comparison or a test with an operator in front, if the words begin with one. */
function takeTerm(words: string[], probe: FileProbe): { readonly value: Truth } | undefined {
  const [first = '', second = '', third = ''] = words;
  if (words.length >= 3 && (COMPARISONS.has(second) || BEYOND_THE_FILE.test(second))) {
    words.splice(0, 3);
    const isKnown = !isUnknown(first) && !isUnknown(third);
    return { value: isKnown ? COMPARISONS.get(second)?.(first, third) : undefined };
  }
  const unary = words.length >= 2 ? UNARY.get(first) : undefined;
  if (!unary) return undefined;
  words.splice(0, 2);
  return { value: unary(second, probe) };
}

const compareNumbers = (holds: (difference: number) => boolean) => (left: string, right: string) =>
  holds(grubNumber(left) - grubNumber(right));

const COMPARISONS: ReadonlyMap<string, (left: string, right: string) => boolean> = new Map([
  ['=', (left, right) => left === right],
  ['==', (left, right) => left === right],
  ['!=', (left, right) => left !== right],
  ['<', (left, right) => left < right],
  ['<=', (left, right) => left <= right],
  ['>', (left, right) => left > right],
  ['>=', (left, right) => left >= right],
  ['-eq', compareNumbers((difference) => difference === 0)],
  ['-ne', compareNumbers((difference) => difference !== 0)],
  ['-lt', compareNumbers((difference) => difference < 0)],
  ['-le', compareNumbers((difference) => difference <= 0)],
  ['-gt', compareNumbers((difference) => difference > 0)],
  ['-ge', compareNumbers((difference) => difference >= 0)],
]);

/** By the age of two files, with a bias; by the version in two words, which no generated file asks for. */
const BEYOND_THE_FILE = /^-(?:[no]t|p[gl]t$)/;

const UNARY: ReadonlyMap<string, (operand: string, probe: FileProbe) => Truth> = new Map([
  ['-e', (path, probe) => probe(showUnknown(path))],
  ['-f', (path, probe) => probe(showUnknown(path))],
  ['-s', (path, probe) => probe(showUnknown(path))],
  // The probe is for files.
  ['-d', () => undefined],
  ['-n', (word) => (isUnknown(word) ? undefined : word !== '')],
  ['-z', (word) => (isUnknown(word) ? undefined : word === '')],
] satisfies [string, (operand: string, probe: FileProbe) => Truth][]);

function negation(value: Truth): Truth {
  return value === undefined ? undefined : !value;
}

function both(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  return left === undefined ? undefined : right;
}

function either(left: Truth, right: Truth): Truth {
  return negation(both(negation(left), negation(right)));
}
