import type { Rule } from '../engine/define.ts';
import type { Family } from '../engine/model.ts';
import { idsOf } from '../facts/distribution/families.ts';
import { releaseFilesOf } from '../facts/distribution/release-files.ts';
import { forMarkdown, forMarkdownCode } from '../reports/escape.ts';
import { page, ruleLinks, table } from './markdown.ts';

const names: Readonly<Record<Family, string>> = {
  rhel: 'Red Hat Enterprise Linux and its rebuilds',
  fedora: 'Fedora',
  oracle: 'Oracle Linux',
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  suse: 'SUSE and openSUSE',
  azurelinux: 'Azure Linux and CBL-Mariner',
  flatcar: 'Flatcar',
  alpine: 'Alpine',
  arch: 'Arch',
  bsd: 'FreeBSD and its kin',
  other: 'All others',
};

/** Which rules look at which distribution family, and how a family is recognized. */
export function familyIndex(rules: readonly Rule[]): string {
  const forAll = rules.filter(({ appliesTo }) => appliesTo.families === undefined).length;
  // Keys of a record over `Family`.
  const families = Object.keys(names) as Family[];
  return page([
    '# Rules by distribution family',
    `${forAll} of the ${rules.length} rules look at images of every family: what they read is where the family keeps it. The others look only at the families named here.`,
    'The family comes from `ID` in os-release, else from the words of `ID_LIKE`, of which Ubuntu and Red Hat go before what they derive from. Without os-release the older release files decide; redhat-release, system-release, SuSE-release and lsb-release by the name in their text.',
    table(
      ['Family', 'ID, or a word of ID_LIKE', 'Release files of its own', 'Rules for few families'],
      families.map((family) => [
        `${family}: ${forMarkdown(names[family])}`,
        idsOf(family).map(forMarkdownCode).join(', ') || 'any other',
        releaseFilesOf(idsOf(family)).map(forMarkdownCode).join(', ') || 'none',
        ruleLinks(narrowRulesOf(family, rules)) || 'none',
      ]),
    ),
  ]);
}

function narrowRulesOf(family: Family, rules: readonly Rule[]): readonly string[] {
  return rules
    .filter(({ appliesTo }) => appliesTo.families?.includes(family))
    .map(({ id }) => id)
    .sort();
}
