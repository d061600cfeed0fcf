import { isUnknown, showUnknown } from './grub-variables.ts';

/** Whether a file is there for GRUB; undefined when that cannot be said. Unknown variables stand in the path as `$name`. */
export type FileProbe = (path: string) => boolean | undefined;

/**
 * GRUB's `[ … ]` (`test_parse`): `-o` binds weaker than `-a`, a lone word is true when it is not empty. Undefined when it
 * depends on what is unknown.
 */
export function evaluateTest(words: readonly string[], probe: FileProbe): boolean | undefined {
  const alternatives = splitAt(words, '-o').map((alternative) => {
    const terms = splitAt(alternative, '-a').map((term) => evaluateTerm(term, probe));
    if (terms.includes(false)) return false;
    return terms.includes(undefined) ? undefined : true;
  });
  if (alternatives.includes(true)) return true;
  return alternatives.includes(undefined) ? undefined : false;
}

function evaluateTerm(words: readonly string[], probe: FileProbe): boolean | undefined {
  const [first = '', second, third] = words;
  if (first === '!' && words.length > 1) {
    const result = evaluateTerm(words.slice(1), probe);
    return result === undefined ? undefined : !result;
  }
  if (words.length === 0) return false;
  if (words.length === 2 && second !== undefined) {
    if (/^-[edfs]$/.test(first)) return probe(showUnknown(second));
    if (first === '-z' || first === '-n') return isUnknown(second) ? undefined : (second === '') === (first === '-z');
  }
  if (words.length === 3 && second !== undefined && third !== undefined) return compare(first, second, third);
  if (words.length === 1) return isUnknown(first) ? undefined : first !== '';
  return undefined;
}

function compare(left: string, operator: string, right: string): boolean | undefined {
  if (isUnknown(left) || isUnknown(right)) return undefined;
  const difference = Number.parseInt(left, 10) - Number.parseInt(right, 10);
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '-eq':
      return difference === 0;
    case '-ne':
      return difference !== 0;
    case '-lt':
      return difference < 0;
    case '-le':
      return difference <= 0;
    case '-gt':
      return difference > 0;
    case '-ge':
      return difference >= 0;
    default:
      return undefined;
  }
}

function splitAt(words: readonly string[], operator: string): string[][] {
  const groups: string[][] = [[]];
  for (const word of words) {
    if (word === operator) groups.push([]);
    else groups.at(-1)?.push(word);
  }
  return groups;
}
