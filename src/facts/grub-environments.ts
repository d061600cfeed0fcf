import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseGrubEnvironment } from '../formats/grubenv.ts';

/** An environment block, in which GRUB keeps what must survive a boot. */
export interface GrubEnvironmentFile {
  readonly path: string;
  /** Bytes. GRUB only writes to a block of 1024 or a multiple of it that keeps its size. */
  readonly size: number;
  /** Without the signature in the first line GRUB ignores the whole file. */
  readonly isValid: boolean;
  readonly variables: ReadonlyMap<string, { readonly value: string; readonly evidence: Evidence }>;
}

const PATHS = ['/boot/grub2/grubenv', '/boot/grub/grubenv'] as const;

/** Environment blocks of the image, each once. */
export const grubEnvironments = defineFact<readonly GrubEnvironmentFile[]>({
  id: 'grub-environments',
  description: 'Variables that GRUB loads from its environment block.',
  reads: PATHS,
  compute({ rootFs }) {
    const seen = new Set<string>();
    return PATHS.flatMap((path): GrubEnvironmentFile[] => {
      const realPath = rootFs.realPath(path);
      const text = realPath === undefined || seen.has(realPath) ? undefined : rootFs.readText(path);
      if (text === undefined || realPath === undefined) return [];
      seen.add(realPath);
      const { variables, problems } = parseGrubEnvironment(text);
      const entries = variables.map(({ name, value, line, text: raw }) => {
        return [name, { value, evidence: { path, line, text: raw } }] as const;
      });
      const size = rootFs.stat(path)?.size ?? 0;
      return [{ path, size, isValid: problems.length === 0, variables: new Map(entries) }];
    });
  },
});
