import type { Evidence } from '../../engine/model.ts';
import { type IndexedModule, moduleName, parseModulesBuiltin, parseModulesDep } from '../../formats/module-index.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { ConfigurationOption, Driver } from '../kernel-modules.ts';

export interface ModuleTree {
  driver(module: string, option: ConfigurationOption | undefined): Driver;
}

/** The longest line of modules.dep that is worth showing. */
const SHOWN = 200;

/** The indexes of one module directory; undefined when depmod never made them. */
export function readModuleTree(rootFs: RootFs, directory: string): ModuleTree | undefined {
  const depPath = `${directory}/modules.dep`;
  const builtinPath = `${directory}/modules.builtin`;
  const depText = rootFs.readText(depPath);
  if (depText === undefined && rootFs.stat(`${depPath}.bin`) === undefined) return undefined;
  const modules = parseModulesDep(depText ?? '');
  const builtin = parseModulesBuiltin(rootFs.readText(builtinPath) ?? '');
  const release = directory.slice(directory.lastIndexOf('/') + 1);

  const lostFile = ({ path, needs }: IndexedModule) =>
    [path, ...needs]
      .map((file) => (file.startsWith('/') ? file : `${directory}/${file}`))
      .find((file) => !rootFs.stat(file));

  return {
    driver: (module, option) => {
      const name = moduleName(module);
      const inside = builtin.get(name);
      if (inside) return { name, state: 'builtin', needs: [], evidence: [evidenceOf(builtinPath, inside)] };
      const loadable = modules.get(name);
      if (loadable) {
        const evidence = [evidenceOf(depPath, loadable)];
        const lost = lostFile(loadable);
        if (lost === undefined) return { name, state: 'module', needs: loadable.needs.map(moduleName), evidence };
        const lack = `${name} of kernel ${release} cannot load, because ${lost} is missing`;
        return { name, state: 'absent', lack, needs: [], evidence };
      }
      const evidence = option ? [option.evidence] : [{ path: depText === undefined ? builtinPath : depPath }];
      // Code that cannot be a module, or that modules.builtin of an old kernel leaves out.
      if (option?.value === 'y') return { name, state: 'builtin', needs: [], evidence };
      if (depText === undefined && option?.value !== 'n')
        return {
          name,
          state: 'unknown',
          lack: `${depPath} is missing, so nobody can tell whether kernel ${release} has ${name}`,
          needs: [],
          evidence,
        };
      return { name, state: 'absent', lack: `kernel ${release} has no ${name}`, needs: [], evidence };
    },
  };
}

function evidenceOf(path: string, { line, text }: IndexedModule): Evidence {
  return { path, line, text: text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text };
}
