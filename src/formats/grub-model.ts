import type { FileProbe } from './grub-condition.ts';
import type { GrubFileSearch } from './grub-files.ts';
import type { Problem } from './problem.ts';

/** A kernel that a menu entry may load; several where a condition cannot be evaluated. */
export interface GrubBoot {
  readonly kernel: string;
  /** The command line as GRUB passes it on. */
  readonly arguments: string;
  readonly initrds: readonly string[];
  /** Line of the `linux` command, counted from 1. */
  readonly line: number;
  /** The sourced file that the line is in; undefined for the file itself. */
  readonly file?: string;
}

/** A file that would be run, and that nobody can look at. */
export interface GrubUnseen {
  /** As the command writes it, variables expanded as far as they are known. */
  readonly path: string;
  /** Of the command, counted from 1, in `file` or in the configuration itself. */
  readonly line: number;
  readonly file?: string;
  /** Completes "… runs <path>, which …". */
  readonly reason: string;
}

/** What an item depends on besides its own commands. */
export interface GrubBeyond {
  /** Undefined when nothing is left unseen. */
  readonly unseen?: readonly GrubUnseen[];
  /** Configurations of which `configfile` shows the menu instead. */
  readonly shown?: readonly GrubConfiguration[];
}

export type GrubMenuItem =
  | ({
      readonly kind: 'entry';
      readonly title: string;
      readonly id?: string;
      readonly line: number;
      readonly boots: readonly GrubBoot[];
    } & GrubBeyond)
  | ({
      readonly kind: 'submenu';
      readonly title: string;
      readonly id?: string;
      readonly line: number;
      readonly items: readonly GrubMenuItem[];
    } & GrubBeyond)
  /** Here `blscfg` puts the entries of /boot/loader/entries. */
  | { readonly kind: 'boot-loader-entries'; readonly line: number };

export interface GrubConfiguration extends GrubBeyond {
  readonly menu: readonly GrubMenuItem[];
  /** Every value that `default` may have when the menu is shown. */
  readonly defaults: readonly string[];
  /** Every value that a variable may have, for entries outside this file. */
  variable(name: string): readonly string[];
  readonly problems: readonly Problem[];
}

/** What a grub.cfg finds around it. */
export interface GrubSurroundings {
  /** Variables of an environment block; undefined path means GRUB's own grubenv, undefined result that there is none. */
  readonly environment: (path: string | undefined) => ReadonlyMap<string, string> | undefined;
  readonly exists: FileProbe;
  /** Further files for `source` and `configfile`; without it none is followed. */
  readonly file?: GrubFileSearch;
}
