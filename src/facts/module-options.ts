import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseModprobeConf } from '../formats/modprobe-conf.ts';
import { configurationFiles } from './configuration-files.ts';
import { MODPROBE_DIRECTORIES } from './modprobe-rules.ts';

export interface ModuleOptions {
  /** Value of an option that modprobe gives a module; undefined when no file names it. */
  value(module: string, option: string): { readonly value: string; readonly evidence: Evidence } | undefined;
}

/** `options` lines of modprobe.d. They do not reach a driver that is built into the kernel. */
export const moduleOptions = defineFact<ModuleOptions>({
  id: 'module-options',
  description: 'Options that modprobe.d gives to modules.',
  reads: MODPROBE_DIRECTORIES.map((directory) => `${directory}/*.conf`),
  compute({ rootFs }) {
    const found = configurationFiles(rootFs, MODPROBE_DIRECTORIES, '.conf').flatMap((path) =>
      parseModprobeConf(rootFs.readText(path) ?? '')
        .directives.filter(({ keyword }) => keyword === 'options')
        .map((directive) => ({ ...directive, evidence: { path, line: directive.line, text: directive.text } })),
    );
    return {
      value: (module, option) => {
        const values = found
          .filter(({ name }) => name === module)
          .flatMap(({ rest, evidence }) =>
            rest.split(/\s+/).flatMap((word) => {
              const [name, value] = word.split('=', 2);
              return name === option && value !== undefined ? [{ value, evidence }] : [];
            }),
          );
        // modprobe hands all of them on, and the kernel takes the last.
        return values.at(-1);
      },
    };
  },
});
