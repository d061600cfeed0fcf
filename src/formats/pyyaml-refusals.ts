import { COLLECTION_STYLE, EVENT_ID, type Event, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';

/** Something that PyYAML does not accept, at an offset of the source. */
export interface Refusal {
  readonly at: number;
  readonly message: string;
}

/** An open collection or document, and what its next node will be. */
interface Frame {
  readonly kind: 'document' | 'sequence' | 'mapping';
  readonly flow: boolean;
  nextIsKey: boolean;
  /** Offset of the last key. */
  keyAt: number;
}

/** The first thing in a text that js-yaml lets pass and PyYAML's scanner, parser or composer does not. */
export function firstRefusal(source: string, events: readonly Event[]): Refusal | undefined {
  const refusals: Refusal[] = [];
  const frames: Frame[] = [];
  const anchors = new Set<string>();
  let documents = 0;
  /** End of the last token that an event mentions. */
  let position = 0;
  for (const [index, event] of events.entries()) {
    if (event.type === EVENT_ID.POP) {
      frames.pop();
      continue;
    }
    if (event.type === EVENT_ID.DOCUMENT) {
      if (++documents === 2)
        refusals.push({ at: secondDocument(source, position), message: 'there is more than one document' });
      frames.push({ kind: 'document', flow: false, nextIsKey: false, keyAt: -1 });
      continue;
    }
    const parent = frames.at(-1);
    const start = nodeStart(event) < 0 ? nextToken(source, position) : nodeStart(event);
    const message =
      anchorMessage(source, event, anchors) ??
      (event.type === EVENT_ID.SCALAR ? scalarMessage(source, event, parent?.flow ?? false) : undefined) ??
      (parent && placeMessage(source, event, events[index + 1], parent, position));
    if (message !== undefined) refusals.push({ at: start, message });
    if (parent?.kind === 'mapping') {
      if (parent.nextIsKey) parent.keyAt = start;
      parent.nextIsKey = !parent.nextIsKey;
    }
    if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      const flow = (parent?.flow ?? false) || event.style === COLLECTION_STYLE.FLOW;
      const mapping = event.type === EVENT_ID.MAPPING;
      frames.push({ kind: mapping ? 'mapping' : 'sequence', flow, nextIsKey: mapping, keyAt: -1 });
    }
    position = Math.max(position, event.type === EVENT_ID.SCALAR ? event.valueEnd : nodeStart(event));
  }
  const tab = strayTab(source, events);
  if (tab !== undefined) refusals.push({ at: tab, message: 'a tab cannot stand here' });
  return refusals.sort((a, b) => a.at - b.at)[0];
}

function nodeStart(event: Exclude<Event, { type: typeof EVENT_ID.POP | typeof EVENT_ID.DOCUMENT }>): number {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return event.type === EVENT_ID.SCALAR ? event.valueStart : event.start;
}

function nextToken(source: string, from: number): number {
  const blanks = /^\s*/.exec(source.slice(from))?.[0].length ?? 0;
  return Math.min(from + blanks, source.length - 1);
}

/** Offset of the marker that ends the first document. */
function secondDocument(source: string, from: number): number {
  const marker = /^---(?=\s|$)/m.exec(source.slice(from));
  return marker ? from + marker.index : from;
}

function anchorMessage(
  source: string,
  event: Exclude<Event, { type: typeof EVENT_ID.POP | typeof EVENT_ID.DOCUMENT }>,
  anchors: Set<string>,
): string | undefined {
  if (event.anchorStart < 0) return undefined;
  const anchor = source.slice(event.anchorStart, event.anchorEnd);
  if (!/^[0-9A-Za-z_-]+$/.test(anchor)) return `"${anchor}" is no name for an anchor`;
  const known = anchors.has(anchor);
  if (event.type === EVENT_ID.ALIAS) return known ? undefined : `undefined alias "${anchor}"`;
  anchors.add(anchor);
  return known ? `duplicate anchor "${anchor}"` : undefined;
}

function scalarMessage(source: string, event: ScalarEvent, inFlow: boolean): string | undefined {
  if (event.valueStart < 0) return undefined;
  if (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK) {
    return event.indent === 0 ? 'a block of text must be indented' : undefined;
  }
  if (event.style !== SCALAR_STYLE.PLAIN) return undefined;
  const plain = source.slice(event.valueStart, event.valueEnd);
  const first = plain.charAt(0);
  if (',[]{}'.includes(first)) return `a value cannot begin with "${first}"`;
  if (inFlow && first === ':') return 'a value inside brackets cannot begin with ":"';
  if (inFlow && plain.indexOf('?') > 0) return 'a value inside brackets that contains "?" must be quoted';
  return undefined;
}

/** Keys where PyYAML sees none: `: value` without a key, and `key: !tag other: value`. */
function placeMessage(
  source: string,
  event: Event,
  next: Event | undefined,
  parent: Frame,
  position: number,
): string | undefined {
  if (parent.kind !== 'mapping' || parent.flow) return undefined;
  if (parent.nextIsKey) {
    const empty = event.type === EVENT_ID.SCALAR && Math.max(event.valueStart, event.anchorStart, event.tagStart) < 0;
    const following = next?.type === EVENT_ID.SCALAR ? next.valueStart : -1;
    const gap = source.slice(position, following < 0 ? undefined : following);
    return empty && !/^[^:]*\?/.test(gap) ? 'a value without a key' : undefined;
  }
  if (event.type !== EVENT_ID.MAPPING || event.style === COLLECTION_STYLE.FLOW) return undefined;
  const sameLine = !source.slice(parent.keyAt, event.start).includes('\n');
  return sameLine ? 'mapping values are not allowed here' : undefined;
}

/** Offset of the first tab outside quotes, blocks of text and comments: PyYAML's scanner knows only blanks. */
function strayTab(source: string, events: readonly Event[]): number | undefined {
  if (!source.includes('\t')) return undefined;
  let position = 0;
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR || event.valueStart < 0 || event.style === SCALAR_STYLE.PLAIN) continue;
    const tab = tabIn(source.slice(position, event.valueStart));
    if (tab !== -1) return position + tab;
    position = event.valueEnd;
  }
  const tab = tabIn(source.slice(position));
  return tab === -1 ? undefined : position + tab;
}

function tabIn(text: string): number {
  return text.replace(/(?<=^|[\s\]}"'])#[^\n]*/g, (comment) => comment.replaceAll('\t', ' ')).indexOf('\t');
}
