import type { ImageReport, Report, Result } from '../engine/model.ts';
import { liveFindings } from '../engine/verdict.ts';
import { forTerminal } from './escape.ts';
import { placeOf } from './text/place.ts';

/** Words in a fix that only a person can replace. */
const placeholder =
  /\b(?:ADMINUSER|BUILDUSER|DATA-UUID|FILE|GALLERY|GROUP|NAME|OFFER|PUBLISHER|ROOT|SKU|VENDOR)\b|\/dev\/loopN/;
/** Programs that work on the file of the image, on Azure, or with a person at the keyboard. */
const elsewhere =
  /^(?:sudo )?(?:qemu-img|az|virt-\w+|truncate|sgdisk|parted|fsck|e2fsck|xfs_repair|btrfs)\b|\bsystemctl (?:--root=\S+ )?edit\b/;

/** Programs that make something of configuration that other fixes change; each runs once, after them. */
const rebuilding =
  /^(?:update-grub|grub2-mkconfig|grub-mkconfig|update-initramfs|dracut|depmod|mkinitrd|update-bootloader)\b/;
/** What deprovisioning removes comes back when a program runs after it, so these areas are last. */
const lastAreas: readonly string[] = ['identity', 'generalization'];

/**
 * A shell script of the fixes of one image, for a person to review and run inside the image: by virt-customize, in a
 * chroot or as a Packer provisioner. Each finding has its own block; what cannot run there as it stands is a comment.
 */
export function renderFixScript(report: Report, image: ImageReport): string {
  const failed = image.results.filter((result) => result.outcome === 'fail' && liveFindings(result).length > 0);
  const ordered = [...failed.filter((one) => !isLast(one)), ...failed.filter(isLast)];
  const rebuilds = new Set(ordered.flatMap((one) => runnable(one).filter((line) => rebuilding.test(line))));
  const middle = ordered.filter((one) => !isLast(one)).map((one) => block(one));
  const end = ordered.filter(isLast).map((one) => block(one));
  return [
    '#!/bin/bash',
    `# Fixes for ${comment(image.label)}, written by ${report.tool.name} ${report.tool.version}.`,
    '#',
    '# Review every line, then run this as root INSIDE the image, for example:',
    '#   virt-customize -a IMAGE --run THIS-SCRIPT',
    '# It goes on after a block that fails, and ends with 1 then.',
    '# shellcheck disable=SC2016  # what is written into files has variables of its own',
    'set -u',
    'status=0',
    'ended() {',
    '  [ "$1" -eq 0 ] && return',
    '  echo "failed: $2" >&2',
    '  status=1',
    '}',
    '',
    ...middle,
    ...[...rebuilds].map((line) => `# What the changes above need\n${commands([line], 'rebuilding')}`),
    ...end,
    'exit "$status"',
    '',
  ].join('\n');
}

/** Rules whose findings the script claims to fix: those with at least one line that it runs. */
export function fixedByScript(image: ImageReport): readonly string[] {
  return image.results
    .filter((result) => result.outcome === 'fail' && liveFindings(result).length > 0 && runnable(result).length > 0)
    .map(({ ruleId }) => ruleId);
}

function isLast({ ruleId }: Result): boolean {
  return lastAreas.some((area) => ruleId.startsWith(`${area}/`));
}

function block(result: Result): string {
  const { ruleId, rationale, remediation, fix = [] } = result;
  const findings = liveFindings(result).map(({ severity, message, evidence: [first] }) => {
    return `# ${severity} ${ruleId}: ${comment(message)}${first ? ` (${placeOf(first)})` : ''}`;
  });
  const manual = fix.filter((line) => !runs(line)).map((line) => `# by hand: ${comment(line)}`);
  const own = runnable(result).filter((line) => !rebuilding.test(line));
  return [
    ...findings,
    `# Why: ${comment(rationale)}`,
    `# Fix: ${comment(remediation)}`,
    ...manual,
    ...(own.length > 0 ? [commands(own, ruleId)] : ['']),
  ].join('\n');
}

function commands(lines: readonly string[], name: string): string {
  return `(\n  set -e\n${lines.map((line) => `  ${line}`).join('\n')}\n)\nended $? ${name}\n`;
}

function runnable({ fix = [] }: Result): readonly string[] {
  return fix.filter(runs);
}

function runs(line: string): boolean {
  return !placeholder.test(line) && !elsewhere.test(line);
}

/** A comment ends with its line, and a line of the image must not become a command. */
function comment(text: string): string {
  return forTerminal(text);
}
