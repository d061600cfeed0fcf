import type { BlockDevice } from '../disk/block-device.ts';
import { DiskError } from '../disk/disk-error.ts';
import { limits } from './limits.ts';
import type { FileStatus } from './root-fs.ts';
import { refuseContainerImage, refuseWhiteout } from './tar-layers.ts';
import { type TarMember, tarMembers } from './tar-members.ts';
import type { TarContent } from './tar-sparse.ts';

/** A file of the extracted root; hard links share one. */
export interface TarNode {
  /** That of the last member for a directory, which keeps its entries. */
  status: FileStatus;
  /** Of a directory only. */
  readonly children: Map<string, TarNode> | undefined;
  /** Of a symbolic link only. */
  readonly linkTarget: string | undefined;
  readonly content: TarContent;
  /** Why nothing is known of the file. */
  readonly failure: DiskError | undefined;
}

interface ExtractedTar {
  readonly root: TarNode;
  /** False when all members belong to one ordinary user, who made the archive from an extraction of their own. */
  readonly ownersRecorded: boolean;
  readonly problems: readonly string[];
}

/** Problems that are told, and the characters of a name in them. */
const PROBLEMS = 100;
const LONGEST_NAME = 300;
const noContent: TarContent = { size: 0, pieces: [] };
/** What GNU tar gives directories that have no member of their own, when root extracts under the usual umask. */
const impliedStatus: FileStatus = { type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };

/**
 * Does in memory what GNU tar does on a disk with its default options, with two differences: symbolic links in the path
 * of a member are followed inside of the root even when they are absolute, as under chroot, and names keep no meaning
 * for the host. Members with `..` in their path are refused, as GNU tar refuses them.
 */
export function extractTar(device: BlockDevice): ExtractedTar {
  const root = directory(impliedStatus);
  const problems: string[] = [];
  const owners = new Set<number>();
  let nodes = 0;
  let lastParent: { readonly path: string; readonly node: TarNode } | undefined;

  const make = <T>(node: T): T => {
    if (++nodes > limits.membersPerTar)
      throw new DiskError('limit', 'tar archive', `has more than ${limits.membersPerTar} files (limit membersPerTar)`);
    return node;
  };
  const descend = (names: readonly string[], mayMake: boolean): TarNode | undefined =>
    walk(root, names, mayMake ? () => make(directory(impliedStatus)) : undefined);
  const parentOf = (path: string, names: readonly string[]): TarNode | undefined => {
    const slash = path.lastIndexOf('/');
    const parentPath = slash === -1 ? '' : path.slice(0, slash);
    if (lastParent?.path === parentPath) return lastParent.node;
    const node = descend(names.slice(0, -1), true);
    lastParent = node && { path: parentPath, node };
    return node;
  };
  const linked = (member: TarMember): TarNode => {
    const names = componentsOf(member.linkTarget);
    const last = names.at(-1);
    const parent = names.includes('..') ? undefined : descend(names.slice(0, -1), false);
    const target = last === undefined ? undefined : parent?.children?.get(last);
    if (target && !target.children) return target;
    if (member.content.size > 0) return make(leaf({ ...member, type: 'file' }));
    const failure = new DiskError(
      'corrupt',
      'tar archive',
      `has a hard link to ${JSON.stringify(member.linkTarget)}, which is no file that stands before it`,
      member.offset,
    );
    return make({ ...leaf({ ...member, type: 'file' }), failure });
  };

  /** Why the member is left out; undefined when it is there. */
  const place = (member: TarMember): string | undefined => {
    const names = componentsOf(member.path);
    if (names.includes('..')) return "is not extracted: its path contains '..'";
    const name = names.at(-1);
    if (name === undefined) {
      if (member.type === 'directory') root.status = statusOf(member);
      return undefined;
    }
    const path = names.join('/');
    if (path.length > limits.pathLength) return 'is not extracted: its path is too long';
    if (member.linkTarget.length > limits.pathLength) return 'is not extracted: its target is too long';
    refuseWhiteout(path, member.offset);
    const parent = parentOf(path, names);
    if (!parent?.children) return 'is not extracted: its path leads through what is no directory';
    const present = parent.children.get(name);
    if (member.type === 'directory' && present?.children) {
      present.status = statusOf(member);
      return undefined;
    }
    if (present?.children && present.children.size > 0)
      return 'is not extracted: a directory with entries is in its place';
    const node = nodeOf(member);
    if (present && node !== present) lastParent = undefined;
    parent.children.set(name, node);
    return (
      node.failure && `is a hard link to ${JSON.stringify(member.linkTarget)}, which is no file that stands before it`
    );
  };
  const nodeOf = (member: TarMember): TarNode => {
    if (member.type === 'hard-link') return linked(member);
    return make(member.type === 'directory' ? directory(statusOf(member)) : leaf(member));
  };

  let members = 0;
  for (const member of tarMembers(device)) {
    if (++members > limits.membersPerTar)
      throw new DiskError(
        'limit',
        'tar archive',
        `has more than ${limits.membersPerTar} members (limit membersPerTar)`,
      );
    if (owners.size < 2) owners.add(member.uid);
    const reason = place(member);
    if (reason !== undefined && problems.length < PROBLEMS)
      problems.push(`${JSON.stringify(member.path.slice(0, LONGEST_NAME))} ${reason}`);
  }
  refuseContainerImage(new Set(root.children?.keys()));
  return { root, ownersRecorded: owners.size !== 1 || owners.has(0), problems };
}

/** Goes down from the root, over symbolic links but never above it; `make` supplies directories that are not there. */
function walk(root: TarNode, names: readonly string[], make: (() => TarNode) | undefined): TarNode | undefined {
  const trail = [root];
  const pending = names.map((name) => ({ name, isOfLink: false })).reverse();
  let links = 0;
  let steps = 0;
  for (let step = pending.pop(); step; step = pending.pop()) {
    const here = trail.at(-1) ?? root;
    if (!here.children || ++steps > limits.pathLength) return undefined;
    if (step.name === '..') {
      if (trail.length > 1) trail.pop();
      continue;
    }
    let next = here.children.get(step.name);
    if (!next) {
      // A link that leads nowhere stays so.
      if (!make || step.isOfLink) return undefined;
      next = make();
      here.children.set(step.name, next);
    }
    if (next.linkTarget === undefined) {
      trail.push(next);
      continue;
    }
    if (++links > limits.linksPerPath) return undefined;
    if (next.linkTarget.startsWith('/')) trail.length = 1;
    pending.push(
      ...componentsOf(next.linkTarget)
        .map((name) => ({ name, isOfLink: true }))
        .reverse(),
    );
  }
  return trail.at(-1);
}

/** Names from the root down: a slash in front, `.` and doubled slashes mean nothing. */
function componentsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function directory(status: FileStatus): TarNode {
  return { status, children: new Map(), linkTarget: undefined, content: noContent, failure: undefined };
}

function leaf(member: TarMember): TarNode {
  const linkTarget = member.type === 'symlink' ? member.linkTarget : undefined;
  return { status: statusOf(member), children: undefined, linkTarget, content: member.content, failure: undefined };
}

function statusOf({ type, mode, uid, gid, mtime, content, linkTarget }: TarMember): FileStatus {
  const size = type === 'symlink' ? new TextEncoder().encode(linkTarget).length : content.size;
  // Links have no permissions of their own; the kernel shows all of them set.
  return { type: type === 'hard-link' ? 'file' : type, mode: type === 'symlink' ? 0o777 : mode, uid, gid, size, mtime };
}
