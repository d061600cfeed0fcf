import {
  DISK,
  defineRule,
  diskLayout,
  fail,
  finding,
  firstMib,
  MIB,
  notApplicable,
  pass,
  sizeText,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'partitioning/first-mib',
  title: 'The first MiB of the disk holds no partition',
  severity: 'error',
  rationale:
    'Publishing to the Marketplace writes billing data into the first 2,048 sectors, and certification fails where a partition lies in them.',
  remediation: 'Divide the disk anew, with the first partition at 1 MiB.',
  fix: ['sgdisk -n 1:2048:+500M disk.raw'],
  references: ['https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq'],
  covers: ['first-mib-free'],
  lisa: [],
  needs: ['partition-table', 'disk'],
  appliesTo: { profiles: ['marketplace'] },
  facts: { diskLayout, firstMib },
  check({ diskLayout: layout, firstMib: beginning }) {
    if (!layout) return notApplicable('the target is no disk');
    const early = layout.table.partitions.filter(({ offset }) => offset < MIB);
    if (early.length > 0) {
      return fail(
        early.map(({ number, offset }) =>
          finding(
            `partition ${number} starts at sector ${offset / 512} (${sizeText(offset)}), expected 2048 or later`,
            { path: `${DISK}/p${number}` },
            { subject: 'start' },
          ),
        ),
      );
    }
    const place = { path: DISK };
    if (beginning?.firstUsedSector === undefined) return pass(place);
    const message = `sector ${beginning.firstUsedSector} is in use between the GPT and the first partition; the Marketplace writes over the sectors up to 2047`;
    return fail(finding(message, place, { severity: 'info', subject: 'gap' }));
  },
});
