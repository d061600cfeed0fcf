import { type FindingDraft, finding } from '../../engine/define.ts';
import { quoteForShell } from '../../engine/fix.ts';
import type { Evidence, Intent, Severity } from '../../engine/model.ts';

/** A finding about the file's format; advice only where the file is converted before the upload. */
export function containerFinding(
  message: string,
  evidence: Evidence,
  { intermediate }: Intent,
  options: { readonly severity?: Severity; readonly subject?: string } = {},
): FindingDraft {
  if (!intermediate) return finding(message, evidence, options);
  return finding(`${message}; the conversion has to put that right`, evidence, { ...options, severity: 'info' });
}

/** The command that makes a VHD as Azure takes it, of the file of this name. */
export function toVhd(format: string, name: string | undefined): string {
  const source = { vhd: 'vpc', raw: 'raw', vhdx: 'vhdx', qcow2: 'qcow2' }[format] ?? format;
  return `qemu-img convert -f ${source} -O vpc -o subformat=fixed,force_size=on ${name === undefined ? 'FILE' : quoteForShell(name)} azure.vhd`;
}
