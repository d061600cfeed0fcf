import { didYouMean } from '../../config/did-you-mean.ts';
import { UsageError } from '../../config/usage-error.ts';
import { Scan } from '../../engine/scan.ts';
import { nodeHost } from '../../host/host.ts';
import { imageOf, openAny } from '../../host/open.ts';
import { collectInspection } from '../../inspect/collect.ts';
import { collectDisk } from '../../inspect/disk.ts';
import type { Page } from '../../inspect/page.ts';
import { renderDisk, renderInspection } from '../../inspect/render.ts';
import { forJson, forTerminal } from '../../reports/escape.ts';
import { paletteOf } from '../../reports/palette.ts';
import { toolName } from '../../version.ts';
import { wantsColour } from '../colour.ts';
import { columnsOf } from '../destinations.ts';
import { exitCodes } from '../exit-code.ts';
import type { Flags } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { diskOptions } from '../open-files.ts';
import { withProgress } from '../progress.ts';
import { switchFlag, textFlag } from '../read-flags.ts';
import { isUnscanned, named } from '../targets.ts';

const inspectFormats = ['text', 'json'] as const;

/** Shows what the scanner sees in one image; judges nothing, so the code says only whether it could be seen. */
export async function inspect(target: string, flags: Flags, io: CliIo): Promise<number> {
  const format = textFlag(flags, 'format') ?? 'text';
  if (!inspectFormats.some((known) => known === format)) {
    const hint = didYouMean(format, inspectFormats);
    throw new UsageError(`--format: expected one of ${inspectFormats.join(', ')}, found "${format}"${hint}`);
  }
  const opened = await withProgress(io, target, () => named(target, io.cwd, openAny));
  if (isUnscanned(opened)) throw new UsageError(opened.message);
  const print = (data: object, page: (layout: Page) => string) => {
    const colour = wantsColour(switchFlag(flags, 'no-color') ?? false, io.env, io.stdout);
    io.stdout.write(
      format === 'json'
        ? `${forJson(JSON.stringify(data, undefined, 2))}\n`
        : page({ columns: columnsOf(io), palette: paletteOf(colour) }),
    );
  };
  try {
    const image = await named(target, io.cwd, () => imageOf(opened, diskOptions(flags)));
    if (!isUnscanned(image)) {
      const scan = new Scan(image.rootFs, nodeHost, image.disk);
      const inspection = await withProgress(io, target, () => collectInspection(scan, target, image.kind));
      print(inspection, (layout) => renderInspection(inspection, layout));
      for (const notice of image.notices ?? []) io.stderr.write(`${toolName}: ${forTerminal(notice)}\n`);
      return exitCodes.pass.code;
    }
    if (!opened.disk) throw new UsageError(image.message);
    // A disk without a root can be looked at all the same.
    const view = { target, kind: opened.kind, disk: collectDisk(opened.disk, undefined), problem: image.message };
    print(view, (layout) => renderDisk(view, layout));
    io.stderr.write(`${toolName}: ${forTerminal(image.message)}\n`);
    return exitCodes.undecided.code;
  } finally {
    opened.close();
  }
}
