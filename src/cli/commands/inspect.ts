import { didYouMean } from '../../config/did-you-mean.ts';
import { UsageError } from '../../config/usage-error.ts';
import { Scan } from '../../engine/scan.ts';
import { nodeHost } from '../../host/host.ts';
import { collectInspection } from '../../inspect/collect.ts';
import { renderInspection } from '../../inspect/render.ts';
import { forJson } from '../../reports/escape.ts';
import { paletteOf } from '../../reports/palette.ts';
import { wantsColour } from '../colour.ts';
import { columnsOf } from '../destinations.ts';
import { exitCodes } from '../exit-code.ts';
import type { Flags } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { switchFlag, textFlag } from '../read-flags.ts';
import { openNamed } from '../targets.ts';

const inspectFormats = ['text', 'json'] as const;

/** Shows what the scanner sees in one image; judges nothing, so the code says only whether it could be seen. */
export async function inspect(target: string, flags: Flags, io: CliIo): Promise<number> {
  const format = textFlag(flags, 'format') ?? 'text';
  if (!inspectFormats.some((known) => known === format)) {
    const hint = didYouMean(format, inspectFormats);
    throw new UsageError(`--format: expected one of ${inspectFormats.join(', ')}, found "${format}"${hint}`);
  }
  const image = openNamed(target, io.cwd);
  if ('message' in image) throw new UsageError(image.message);
  const inspection = await collectInspection(new Scan(image.rootFs, nodeHost), target, image.kind);
  if (format === 'json') io.stdout.write(`${forJson(JSON.stringify(inspection, undefined, 2))}\n`);
  else {
    const colour = wantsColour(switchFlag(flags, 'no-color') ?? false, io.env, io.stdout);
    io.stdout.write(renderInspection(inspection, { columns: columnsOf(io), palette: paletteOf(colour) }));
  }
  return exitCodes.pass.code;
}
