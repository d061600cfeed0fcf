import {
  decide,
  defineRule,
  type FindingDraft,
  fail,
  finding,
  notApplicable,
  pass,
  storageNames,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'gallery/scenario',
  title: 'Image type and storage suit the declared scenario',
  severity: 'error',
  rationale:
    'Only a generalized image takes an administrator and a host name at creation; only a specialized one keeps the ' +
    'machine that it was taken from; a managed disk serves one VM. The wrong kind fails or surprises on the first boot.',
  remediation: 'Declare the image type and storage that the scenario asks for, and build the image accordingly.',
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/imaging'],
  covers: ['decision-reusable-generalized', 'decision-snapshot-specialized', 'decision-quick-clone-specialized'],
  lisa: [],
  needs: ['options'],
  appliesTo: {},
  facts: {},
  check(_facts, intent) {
    const { row, typeFits, storageFits, fitting } = decide(intent);
    if (!row) {
      const rows = fitting.map((one) => `${one.purpose} (${one.scenario})`).join('; ') || 'no scenario';
      return notApplicable(
        `no scenario is declared; ${intent.imageType} in ${storageNames[intent.storage]} suits ${rows}`,
      );
    }
    const { purpose, verb } = row;
    const who = purpose.includes(',') ? `${purpose},` : purpose;
    const findings: FindingDraft[] = [];
    if (!typeFits) {
      const message = `the image is ${intent.imageType}, but ${who} ${verb} a ${row.imageType} one`;
      findings.push(finding(message, [], { subject: 'type' }));
    }
    if (!storageFits) {
      const storages = row.storages.map((one) => storageNames[one]).join(' or ');
      const message = `the image goes to ${storageNames[intent.storage]}, but ${who} ${verb} ${storages}`;
      findings.push(finding(message, [], { subject: 'storage' }));
    }
    return findings.length > 0 ? fail(findings) : pass();
  },
});
