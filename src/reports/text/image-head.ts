import type { ImageReport } from '../../engine/model.ts';
import { forTerminal } from '../escape.ts';
import type { ReportOptions } from '../index.ts';
import { hanging } from '../layout.ts';
import type { Paint, Palette } from '../palette.ts';

const known = (text: string | null | undefined, otherwise: string) => forTerminal(text ?? otherwise);

/** Names the image, says what it is taken for, and what its first boot will be. */
export function imageHead(image: ImageReport, options: ReportOptions, palette: Palette): readonly string[] {
  const { distribution, architecture } = image.system;
  const system = distribution
    ? known(distribution.prettyName, `${distribution.id} ${distribution.versionId ?? ''}`.trim())
    : 'distribution not known';
  const name = [`${palette.bold(forTerminal(image.label))}: ${system}`, known(architecture, '')];
  const row = (title: string, text: string) => hanging(`  ${title.padEnd(12)}`, text, options.columns);
  return [
    `${name.filter((part) => part !== '').join(', ')} (${image.kind})`,
    row('Judged as', intentText(image.intent)),
    row('Software', softwareText(image)),
    ...(image.notices ?? []).map((notice) => row('Notice', forTerminal(notice))),
    ...firstBootLines(image, options, palette),
  ];
}

/** What an image was judged as. */
export function intentText(intent: ImageReport['intent']): string {
  const { imageType, imageTypeDeclared, storage, generation, profiles, scenario, intermediate } = intent;
  return [
    `${imageType} image${imageTypeDeclared ? '' : ' (default; declare with --image-type)'}`,
    `storage ${storage}`,
    ...(generation === null ? [] : [`generation ${generation}`]),
    ...profiles.map((profile) => `profile ${profile}`),
    ...(scenario === undefined ? [] : [`scenario ${scenario}`]),
    ...(intermediate ? ['converted to VHD later'] : []),
  ].join(', ');
}

function softwareText({ system }: ImageReport): string {
  const { agent, cloudInit, kernels } = system;
  const versioned = (name: string, found: { readonly version: string | null } | null) =>
    found ? `${name} ${known(found.version, 'of unknown version')}` : `no ${name}`;
  return [
    versioned('waagent', agent),
    versioned('cloud-init', cloudInit),
    kernels.length === 0 ? 'no kernel found' : `kernel ${kernels.map(forTerminal).join(' and ')}`,
  ].join(', ');
}

/** Outcomes after which somebody can log in. */
export const goodOutcomes: readonly string[] = ['ready', 'boots-as-is'];

function firstBootLines(image: ImageReport, options: ReportOptions, palette: Palette): readonly string[] {
  const boot = image.firstBoot;
  if (!boot) return [];
  const good = goodOutcomes.includes(boot.outcome);
  const paint: Paint = good ? palette.good : boot.outcome === 'unknown' ? palette.unknown : palette.error;
  // Painted after the layout, which counts columns.
  const [first = '', ...others] = hanging('  First boot  ', forTerminal(boot.summary), options.columns).split('\n');
  const lines = [first.replace(/^( {2}First boot {2})(.*)$/, (_, head: string, text: string) => head + paint(text))];
  lines.push(...others.map((line) => line.replace(/\S.*/, paint)));
  if (good && !options.verbose) return lines;
  const steps = boot.steps.map((step, index) =>
    hanging(`${`${index + 1}.`.padStart(16)} `, forTerminal(step), options.columns),
  );
  return [...lines, ...steps];
}
