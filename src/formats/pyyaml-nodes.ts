import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { resolveScalar, yamlTag } from './pyyaml-scalars.ts';

interface NodeBase {
  /** Full tag, resolved when the text has none. */
  readonly tag: string;
  /** Offset in the source. */
  readonly at: number;
}
export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly text: string;
}
export interface SequenceNode extends NodeBase {
  readonly kind: 'sequence';
  readonly items: readonly Node[];
}
export type Pair = readonly [key: Node, value: Node];
export interface MappingNode extends NodeBase {
  readonly kind: 'mapping';
  readonly pairs: readonly Pair[];
}
export type Node = ScalarNode | SequenceNode | MappingNode;

/** Leaves a recursive descent over nodes; `parsePyYaml` turns it into a value. */
export class Refused extends Error {
  readonly at: number;
  readonly limit: boolean;

  constructor(at: number, message: string, limit = false) {
    super(message);
    this.at = at;
    this.limit = limit;
  }
}

/**
 * Nodes of the single document (yaml/composer.py), each alias being the node that it names. Undefined for an empty
 * stream.
 */
export function composeNodes(source: string, events: readonly Event[]): Node | undefined {
  const anchors = new Map<string, Node>();
  const handles = new Map([
    ['!', '!'],
    ['!!', yamlTag],
  ]);
  let index = 0;
  let last = 0;

  function next(): Node | undefined {
    const event = events[index++];
    if (event === undefined || event.type === EVENT_ID.POP) return undefined;
    if (event.type === EVENT_ID.DOCUMENT) {
      for (const directive of event.directives) {
        if (directive.kind === 'tag') handles.set(directive.handle, directive.prefix);
      }
      return next();
    }
    const anchor = event.anchorStart < 0 ? undefined : source.slice(event.anchorStart, event.anchorEnd);
    if (event.type === EVENT_ID.ALIAS) {
      last = event.anchorStart;
      const target = anchors.get(anchor ?? '');
      if (target === undefined) throw new Refused(last, `undefined alias "${anchor}"`);
      return target;
    }
    const written = event.tagStart < 0 ? undefined : fullTag(source.slice(event.tagStart, event.tagEnd), handles);
    // A lone "!" is no tag for PyYAML: even a quoted text is then typed like a plain one.
    const tag = written === '!' ? undefined : written;
    if (event.type === EVENT_ID.SCALAR) {
      last = event.valueStart >= 0 ? event.valueStart : Math.max(last, event.anchorEnd, event.tagEnd);
      const text = event.valueStart >= 0 ? scalarText(source, event) : '';
      const typed = written === '!' || event.style === SCALAR_STYLE.PLAIN;
      return named(anchor, {
        kind: 'scalar',
        tag: tag ?? (typed ? resolveScalar(text) : `${yamlTag}str`),
        text,
        at: last,
      });
    }
    last = event.start;
    if (event.type === EVENT_ID.SEQUENCE) {
      const items: Node[] = [];
      const node = named(anchor, { kind: 'sequence', tag: tag ?? `${yamlTag}seq`, items, at: last });
      for (let item = next(); item !== undefined; item = next()) items.push(item);
      return node;
    }
    const pairs: Pair[] = [];
    const node = named(anchor, { kind: 'mapping', tag: tag ?? `${yamlTag}map`, pairs, at: last });
    for (let key = next(); key !== undefined; key = next()) {
      const value = next();
      if (value !== undefined) pairs.push([key, value]);
    }
    return node;
  }

  /** Before its content is read, so that a collection may mention itself. */
  function named(anchor: string | undefined, node: Node): Node {
    if (anchor !== undefined) anchors.set(anchor, node);
    return node;
  }

  return next();
}

/** A block scalar on the last line of a text without a final line break has none either. */
function scalarText(source: string, event: ScalarEvent): string {
  const text = getScalarValue(source, event);
  const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
  const unfinished = block && event.valueEnd >= source.length && /\S$/.test(source);
  return unfinished && text.endsWith('\n') ? text.slice(0, -1) : text;
}

function fullTag(tag: string, handles: ReadonlyMap<string, string>): string {
  if (tag.startsWith('!<')) return decodeTag(tag.slice(2, -1));
  const handle = /^(?:![0-9A-Za-z_-]*!|!)/.exec(tag)?.[0] ?? '!';
  return (handles.get(handle) ?? handle) + decodeTag(tag.slice(handle.length));
}

function decodeTag(tag: string): string {
  try {
    return decodeURIComponent(tag);
  } catch {
    // An escape that is not UTF-8 belongs to no tag that safe_load knows; it is refused under its written name.
    return tag;
  }
}
