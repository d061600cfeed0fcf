import { defineFact, type FactContext } from '../../engine/define.ts';
import type { Architecture, Evidence, Generation, Intent } from '../../engine/model.ts';
import { type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import { architecture } from '../architecture.ts';
import { biosGrub } from '../bios-grub.ts';
import { mountPlan } from '../mount-plan.ts';
import { tryGet } from '../try-get.ts';
import { type UefiLoaders, uefiLoaders } from '../uefi-loaders.ts';
import { type BootCode, bootCode } from './boot-code.ts';
import { type EfiPartition, efiPartition } from './efi-partition.ts';
import { DISK } from './places.ts';

/** Whether one kind of firmware can start the image, with the reason as the rest of a sentence. */
export interface BootAbility {
  readonly can: 'yes' | 'no' | 'unknown';
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

export interface BootGeneration {
  /** `files`: a guess, as no disk is there. */
  readonly from: 'disk' | 'files';
  /** Generation 1. */
  readonly bios: BootAbility;
  /** Generation 2. */
  readonly uefi: BootAbility;
  /** Undefined when it is not known. */
  readonly processor?: Architecture;
  /** The only generation for which files have a loader, as far as they are seen. */
  readonly guess?: Generation;
  /** What could not be read and would be needed for a guess. */
  readonly guessUnread?: CouldNotRead;
}

const machines: Readonly<Record<string, number>> = { 'bootx64.efi': 0x8664, 'bootaa64.efi': 0xaa64 };

/** Which generations of VMs the image can boot. */
export const bootGeneration = defineFact<BootGeneration>({
  id: 'boot-generation',
  description: 'Whether a BIOS (generation 1) and UEFI firmware (generation 2) find a boot loader.',
  reads: [...bootCode.reads, ...uefiLoaders.reads, ...biosGrub.reads],
  async compute(context) {
    const told = await tryGet(context, architecture);
    const processor = isCouldNotRead(told) ? undefined : told;
    const loaders = await tryGet(context, uefiLoaders);
    const code = await context.get(bootCode);
    if (code) {
      const partition = await context.get(efiPartition);
      const uefi = byUefi(partition, loaders, processor);
      return { from: 'disk', bios: byBios(code, processor), uefi, ...(processor && { processor }) };
    }
    const uefi = byFiles(loaders, processor);
    const guess = await guessFrom(context, uefi, loaders);
    return {
      from: 'files',
      bios: await byModules(context),
      uefi,
      ...(processor && { processor }),
      ...(isCouldNotRead(guess) ? { guessUnread: guess } : guess && { guess }),
    };
  },
});

async function byModules(context: FactContext): Promise<BootAbility> {
  const grub = await tryGet(context, biosGrub);
  if (isCouldNotRead(grub)) return unreadable(grub);
  const places = grub.folders.map(({ path }) => ({ path }));
  return places.length > 0
    ? { can: 'yes', reason: 'GRUB’s modules for BIOS are in /boot', evidence: places }
    : { can: 'unknown', reason: 'no modules of GRUB for BIOS are in /boot', evidence: [] };
}

/** What files show of one generation and not of the other, where nothing that could show it was left out. */
async function guessFrom(
  context: FactContext,
  uefi: BootAbility,
  loaders: UefiLoaders | CouldNotRead,
): Promise<Generation | CouldNotRead | undefined> {
  const grub = await tryGet(context, biosGrub);
  const plan = await tryGet(context, mountPlan);
  if (isCouldNotRead(loaders)) return loaders;
  if (isCouldNotRead(grub)) return grub;
  if (isCouldNotRead(plan)) return plan;
  const { folders, isInstalled } = grub;
  if (uefi.can === 'yes' && folders.length === 0 && !isInstalled) return 2;
  const hasEsp = plan.mounts.some(({ mountPoint }) => /^\/(?:boot\/)?efi$/.test(mountPoint));
  return folders.length > 0 && loaders.partition === undefined && !hasEsp ? 1 : undefined;
}

function byBios(code: BootCode, processor: Architecture | undefined): BootAbility {
  const { kind, hasSignature, core, active, evidence } = code;
  const answer = (can: BootAbility['can'], reason: string): BootAbility => ({ can, reason, evidence: [evidence] });
  if (processor === 'aarch64') return answer('no', 'Arm64 has no BIOS');
  if (kind === 'none') return answer('no', 'the first sector has no boot code');
  if (!hasSignature) return answer('no', 'the first sector does not end in 55 aa');
  if (core) {
    if (core.state === 'present') return answer('yes', `GRUB’s core image is at sector ${core.sector}`);
    const [can, what] =
      core.state === 'empty' ? (['no', 'nothing'] as const) : (['unknown', 'something else'] as const);
    return answer(can, `GRUB’s boot code looks for its core image at sector ${core.sector}, where there is ${what}`);
  }
  if (kind === 'other') return answer('unknown', 'the boot code of the first sector is of an unknown loader');
  if (!active) return answer('no', 'its boot code starts the active partition, and no partition is active');
  const { partition, starts } = active;
  if (starts === 'nothing') return answer('no', `partition ${partition} is active and has no boot sector`);
  return answer('yes', `the active partition ${partition} has a boot sector`);
}

function byUefi(
  partition: EfiPartition | undefined,
  loaders: UefiLoaders | CouldNotRead,
  processor: Architecture | undefined,
): BootAbility {
  const no = (reason: string, evidence: readonly Evidence[] = [{ path: DISK }]): BootAbility => ({
    can: 'no',
    reason,
    evidence,
  });
  if (!partition) return no('the disk has no EFI system partition');
  const { volume, complaint, hasLoaderTree } = partition;
  const place = [{ path: volume.place }];
  if (complaint !== undefined) {
    const can = volume.content.kind === 'unreadable' ? ('unknown' as const) : ('no' as const);
    return { can, reason: `the EFI system partition ${volume.id} ${complaint}`, evidence: place };
  }
  if (isCouldNotRead(loaders)) return unreadable(loaders);
  if (!hasLoaderTree || loaders.partition === undefined)
    return no(`the EFI system partition ${volume.id} has no directory EFI`, place);
  return byLoaders(loaders, loaders.partition, processor);
}

function byFiles(loaders: UefiLoaders | CouldNotRead, processor: Architecture | undefined): BootAbility {
  if (isCouldNotRead(loaders)) return unreadable(loaders);
  if (loaders.partition !== undefined) return byLoaders(loaders, loaders.partition, processor);
  return { can: 'unknown', reason: 'no EFI system partition is part of the target', evidence: [] };
}

function unreadable({ message, path }: CouldNotRead): BootAbility {
  return { can: 'unknown', reason: message, evidence: [{ path }] };
}

/** A program on the fallback path for the processor; for any where the processor is unknown. */
function byLoaders({ fallback }: UefiLoaders, partition: string, processor: Architecture | undefined): BootAbility {
  const names =
    processor === 'aarch64' ? ['bootaa64.efi'] : processor === 'x86_64' ? ['bootx64.efi'] : Object.keys(machines);
  const loader = fallback.find(({ name, machine }) => names.includes(name) && machine === machines[name]);
  if (loader) return { can: 'yes', reason: `${loader.path} is there`, evidence: [{ path: loader.path }] };
  const path = `${partition}/EFI/BOOT`;
  const wanted = names.map((name) => name.toUpperCase()).join(' or ');
  return { can: 'no', reason: `${path} has no ${wanted} that the firmware can start`, evidence: [{ path }] };
}

/**
 * Why rules of one generation do not judge the image; undefined when they do: it is declared, or the disk boots no
 * other. Where the disk boots the other one only, the declaration is at fault, which gallery/generation reports.
 */
export function notForGeneration(wanted: Generation, { generation }: Intent, boot: BootGeneration): string | undefined {
  const [own, other] = wanted === 1 ? [boot.bios, boot.uefi] : [boot.uefi, boot.bios];
  const isDisk = boot.from === 'disk';
  if (generation !== undefined && generation !== wanted) return `applies to generation ${wanted}`;
  if (generation === wanted) {
    return isDisk && own.can === 'no' && other.can === 'yes'
      ? `the disk boots generation ${3 - wanted} only, which gallery/generation reports`
      : undefined;
  }
  if (!isDisk) return `nobody says that the image is of generation ${wanted}`;
  if (own.can === 'yes' && other.can === 'no') return undefined;
  if (own.can === 'yes' && other.can === 'yes')
    return 'the disk boots both generations, and nobody says which is meant';
  if (own.can === 'no' && other.can === 'no')
    return 'the disk boots neither generation, which gallery/generation reports';
  if (own.can === 'no') return `the disk does not boot generation ${wanted}, and nobody says that it should`;
  return `nobody says that the image is of generation ${wanted}`;
}

/** The generation that an image is judged by: the declared one, else the only one that its disk boots. */
export function generationOf(intent: Intent, boot: BootGeneration): Generation | undefined {
  if (intent.generation !== undefined) return intent.generation;
  if (boot.from !== 'disk') return undefined;
  if (boot.bios.can === 'yes' && boot.uefi.can === 'no') return 1;
  return boot.uefi.can === 'yes' && boot.bios.can === 'no' ? 2 : undefined;
}

/**
 * Why an image cannot be of generation 2, as a finding; a text when another rule reports the cause; undefined when it
 * can, or when nothing says that it cannot.
 */
export function withoutGeneration2(
  { generation }: Intent,
  { from, bios, uefi }: BootGeneration,
): { readonly why: string; readonly evidence: readonly Evidence[] } | string | undefined {
  if (generation === 1) return { why: 'the image is declared to be of generation 1', evidence: [] };
  if (from === 'files' || uefi.can !== 'no') return undefined;
  if (generation === 2 || bios.can === 'no') return 'the disk boots no VM of generation 2, which other rules report';
  return { why: `the disk boots generation 1 only: ${uefi.reason}`, evidence: uefi.evidence };
}
