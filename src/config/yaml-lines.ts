import { EVENT_ID, type Event, getScalarValue, load, parseEvents } from 'js-yaml';

export interface YamlDocument {
  /** Undefined for a document without content. */
  readonly value: unknown;
  /** Line of a key or list item, counted from 1; of the nearest one above when the path leads nowhere. */
  lineOf(path: readonly (string | number)[]): number;
}

/** Reads a YAML 1.2 or JSON document with the line of every key. Throws js-yaml's error on bad syntax. */
export function parseYaml(text: string): YamlDocument {
  const events = parseEvents(text, {});
  if (events.length === 0) return { value: undefined, lineOf: () => 1 };
  const lines = keyLines(text, events);
  return {
    value: load(text),
    lineOf: (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const line = lines.get(keyOf(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

type Path = readonly (string | number)[];

interface Level {
  readonly kind: 'document' | 'mapping' | 'sequence';
  readonly path: Path;
  /** In a mapping, the key whose value comes next. */
  key?: string | undefined;
  /** In a sequence, the number of the next item. */
  index: number;
}

function keyLines(text: string, events: readonly Event[]): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const levels: Level[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      levels.pop();
      continue;
    }
    const level = levels.at(-1);
    const start = event.type === EVENT_ID.SCALAR ? event.valueStart : 'start' in event ? event.start : undefined;
    const isKey = level?.kind === 'mapping' && level.key === undefined;
    const path = level ? placeIn(level, isKey, event.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : '') : [];
    if (start !== undefined && (isKey || level?.kind === 'sequence')) lines.set(keyOf(path), lineAt(text, start));
    if (event.type === EVENT_ID.DOCUMENT) levels.push({ kind: 'document', path, index: 0 });
    else if (event.type === EVENT_ID.MAPPING) levels.push({ kind: 'mapping', path, index: 0 });
    else if (event.type === EVENT_ID.SEQUENCE) levels.push({ kind: 'sequence', path, index: 0 });
  }
  return lines;
}

/** Path of the node that comes next in a level, which moves on by it. */
function placeIn(level: Level, isKey: boolean, name: string): Path {
  if (isKey) {
    level.key = name;
    return [...level.path, name];
  }
  if (level.kind === 'document') return level.path;
  const path = [...level.path, level.key ?? level.index];
  level.key = undefined;
  level.index += 1;
  return path;
}

function keyOf(path: Path): string {
  return path.join('\0');
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
