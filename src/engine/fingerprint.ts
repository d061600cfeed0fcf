import type { FindingDraft } from './define.ts';

/**
 * One stable mark for each finding of a rule: no line, no time, no host path goes into it, so that it survives edits
 * around the defect and scans on other machines. Findings alike in rule, path and subject are numbered.
 */
export function fingerprints(
  ruleId: string,
  drafts: readonly FindingDraft[],
  sha256: (text: string) => string,
): readonly string[] {
  const seen = new Map<string, number>();
  return drafts.map((draft) => {
    const [first] = draft.evidence;
    const subject = draft.subject ?? first?.text?.trim() ?? draft.message;
    const key = [ruleId, first?.path ?? '', subject].join('\0');
    const repetition = seen.get(key) ?? 0;
    seen.set(key, repetition + 1);
    return sha256(repetition === 0 ? key : `${key}\0${repetition}`);
  });
}
