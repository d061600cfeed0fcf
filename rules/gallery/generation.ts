import {
  type BootAbility as Ability,
  bootGeneration,
  defineRule,
  fail,
  finding,
  type Judgement,
  judge,
  notApplicable,
  pass,
  unknown,
} from '../../src/rule-api.ts';

function declared(generation: 1 | 2, bios: Ability, uefi: Ability): Judgement {
  const [own, other] = generation === 1 ? [bios, uefi] : [uefi, bios];
  if (own.can === 'yes') return pass(own.evidence);
  if (own.can === 'unknown') return unknown(own.reason);
  if (other.can !== 'yes')
    return notApplicable('the disk boots no generation for sure; rules of the declared one report why');
  const message = `generation ${generation} is declared, but the disk boots generation ${3 - generation} only: ${own.reason}`;
  return fail(finding(message, own.evidence, { subject: 'declared' }));
}

function undeclared(bios: Ability, uefi: Ability): Judgement {
  if (bios.can === 'no' && uefi.can === 'no') {
    const message = `the disk boots neither generation: by BIOS, ${bios.reason}; by UEFI, ${uefi.reason}`;
    return fail(finding(message, [...bios.evidence, ...uefi.evidence], { subject: 'neither' }));
  }
  if (bios.can === 'yes' && uefi.can === 'yes') return pass([...bios.evidence, ...uefi.evidence]);
  const only = bios.can === 'yes' ? bios : uefi;
  if (only.can !== 'yes') return unknown(`${bios.reason}; ${uefi.reason}`);
  const other = only === bios ? uefi : bios;
  if (other.can === 'unknown') return pass(only.evidence);
  const number = only === bios ? 1 : 2;
  const message = `the disk boots generation ${number} only (${other.reason}), and none is declared: create the image with --hyper-v-generation V${number}`;
  return fail(finding(message, only.evidence, { severity: 'info', subject: 'undeclared' }));
}

export default defineRule({
  id: 'gallery/generation',
  title: 'The disk boots the generation that is declared',
  severity: 'error',
  rationale:
    'A VM of generation 1 with a disk for UEFI only, or the reverse, finds no boot loader on its first boot; an image definition without a generation may default to either.',
  remediation: 'Declare the generation that the disk boots, or install the loader that is missing.',
  fix: [
    'az sig image-definition create --resource-group GROUP --gallery-name GALLERY --gallery-image-definition NAME --publisher PUBLISHER --offer OFFER --sku SKU --os-type Linux --hyper-v-generation V2',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/debian-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/disks-upload-vhd-to-managed-disk-cli',
    'https://learn.microsoft.com/azure/virtual-machines/generation-2',
    'https://learn.microsoft.com/azure/virtual-machines/linux/imaging',
    'https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries',
  ],
  covers: ['gallery-generation-matches'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { bootGeneration },
  check({ bootGeneration: { from, bios, uefi, processor, guess, guessUnread } }, { generation }) {
    if (generation === 1 && processor === 'aarch64')
      return notApplicable('distro/arm64-generation reports that Arm64 has no generation 1');
    if (from === 'disk') return generation === undefined ? undeclared(bios, uefi) : declared(generation, bios, uefi);
    if (generation === undefined)
      return notApplicable('nobody declares a generation, and files alone only let it be guessed');
    if (guess === undefined || guess === generation) return judge([], [], guessUnread ? [guessUnread] : []);
    const loader = guess === 2 ? 'UEFI' : 'BIOS';
    const { evidence } = guess === 2 ? uefi : bios;
    const message = `generation ${generation} is declared, and the files have a loader for ${loader} only`;
    return fail(finding(message, evidence, { severity: 'warning', subject: 'guess' }));
  },
});
