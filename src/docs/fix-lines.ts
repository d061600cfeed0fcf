import type { Rule } from '../engine/define.ts';
import { fixFor } from '../engine/fix.ts';
import type { Family } from '../engine/model.ts';
import { codeBlock } from './markdown.ts';

/** The families that a page names; the others are "elsewhere". */
const named = {
  rhel: 'Red Hat Enterprise Linux',
  fedora: 'Fedora',
  oracle: 'Oracle Linux',
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  suse: 'SUSE',
  azurelinux: 'Azure Linux',
  flatcar: 'Flatcar',
} as const satisfies Partial<Record<Family, string>>;

const ELSEWHERE = 'elsewhere';

/** The shell lines of a rule, those of each family apart where they differ. */
export function fixLines(rule: Rule): readonly string[] {
  const variants = variantsOf(rule);
  return [...variants].flatMap(([text, places]) => {
    const block = codeBlock('sh', text.split('\n'));
    if (variants.size === 1 && isForAll(rule, places)) return [block];
    return [places.includes(ELSEWHERE) ? 'Elsewhere:' : `On ${places.join(', ')}:`, block];
  });
}

/** Where each text of lines is meant for. What is meant for all the rest stands at the end. */
function variantsOf({ fix, appliesTo }: Rule): ReadonlyMap<string, readonly string[]> {
  const variants = new Map<string, string[]>();
  const add = (place: string, lines: readonly string[] | undefined) => {
    const text = lines?.join('\n');
    if (text !== undefined) variants.set(text, [...(variants.get(text) ?? []), place]);
  };
  // Keys of a record over `Family`.
  for (const [family, name] of Object.entries(named) as [Family, string][])
    if (appliesTo.families?.includes(family) !== false) add(name, fixFor(fix, family));
  if (appliesTo.families?.includes('other') !== false) add(ELSEWHERE, fixFor(fix, undefined));
  const isRest = ([, places]: [string, readonly string[]]) => Number(places.includes(ELSEWHERE));
  return new Map([...variants].sort((a, b) => isRest(a) - isRest(b)));
}

/** A rule for few families says elsewhere which they are. */
function isForAll({ appliesTo }: Rule, places: readonly string[]): boolean {
  return places.includes(ELSEWHERE) || places.length === appliesTo.families?.length;
}
