import { defineRule, diskFile, fail, finding, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/file-name',
  title: 'The name of the file has plain characters only',
  severity: 'warning',
  rationale:
    'Certification for the Marketplace cannot download an upload whose name has a percent sign, a quotation mark or the like.',
  remediation: 'Give the file a name of letters, digits, dots, hyphens and underscores that ends in .vhd.',
  fix: ['mv FILE my-image-1.vhd'],
  references: ['https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq'],
  covers: ['marketplace-vhd-file-name'],
  lisa: [],
  needs: ['disk'],
  appliesTo: { profiles: ['marketplace'] },
  facts: { diskFile },
  check({ diskFile: { container, name, evidence } }) {
    if (container.format !== 'vhd')
      return notApplicable('the file is converted before the upload, and gets another name');
    if (name === undefined) return notApplicable('the disk has no file name');
    if (/^[A-Za-z0-9._-]+\.vhd$/.test(name)) return pass({ ...evidence, text: name });
    const odd = [...new Set(name.replace(/[A-Za-z0-9._-]/g, ''))]
      .map((character) => JSON.stringify(character))
      .join(' ');
    const what = odd === '' ? 'does not end in .vhd' : `has ${odd} in it`;
    return fail(
      finding(
        `the name ${JSON.stringify(name)} ${what}; plain letters, digits, dots, hyphens and underscores before .vhd are safe`,
        evidence,
        { subject: 'name' },
      ),
    );
  },
});
