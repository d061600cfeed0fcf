import type { Evidence } from '../engine/model.ts';
import { forTerminal } from './escape.ts';
import { placeOf } from './text/place.ts';

/**
 * Where code scanning shows a result. Its viewer knows files of a repository only, so the path inside the image stands
 * below the image's label, or all results on one file of the repository; the logical location has the path itself.
 */
export function locationOf(label: string, place: Evidence | undefined, anchor: string | undefined) {
  const path = place?.path ?? '/';
  const line = anchor === undefined ? (place?.line ?? 1) : 1;
  return {
    physicalLocation: {
      artifactLocation: { uri: anchor === undefined ? uriOf(`${label}${path === '/' ? '' : path}`) : uriOf(anchor) },
      region: { startLine: line, startColumn: 1, endLine: line, endColumn: 1 },
    },
    logicalLocations: [{ fullyQualifiedName: forTerminal(place ? `${label}:${place.path}` : label), kind: 'resource' }],
  };
}

/** The message with its place, which not every viewer shows; square brackets before a parenthesis would be a link. */
export function messageOf(message: string, place: Evidence | undefined): string {
  const text = place ? `${forTerminal(message)} (${placeOf(place)})` : forTerminal(message);
  return text.replaceAll('](', '\\](');
}

function uriOf(path: string): string {
  return forTerminal(path).replace(/^\.\//, '').split('/').map(encodeURIComponent).join('/');
}
