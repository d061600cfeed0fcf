// Bundles the command line as two scripts: cli.cjs, which every run loads, and later.cjs with what few scans of a
// directory need. What a run does not load it does not pay for, and a module of which there were two would not know its
// own errors, so each is in one of the two.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/** Modules that are imported when they are needed, and mostly are. All others imported in that way come later. */
const usual = new Set([
  'rules/index.ts',
  'src/cli/command-line.ts',
  'src/cli/commands/check.ts',
  'src/reports/json.ts',
  'src/reports/text.ts',
]);

const options = {
  alias: {
    assert: './scripts/assert.js',
    'node:module': './scripts/module.js',
    'node:process': './scripts/process.js',
    'string-width': './scripts/help-width.js',
  },
  define: {
    'import.meta.url': 'bundleUrl',
    // yargs is told the width; asking the stream would load all of Node's streams.
    'process.stdout.columns': 'undefined',
  },
  // One expression, the function that bin/load.js calls, as Node wraps a module of this kind itself.
  banner: {
    js: '(function (exports, require, module, __filename, __dirname) { const bundleUrl = require("node:url").pathToFileURL(__filename).href;',
  },
  footer: { js: '})' },
  bundle: true,
  metafile: true,
  // What few runs need is left to be loaded from its package then.
  external: ['globby', 'lz4js', 'seek-bzip', 'xz-decompress'],
  // By require, which Node 20.19 can do for modules too: a script whose compiled code comes from a cache cannot import.
  supported: { 'dynamic-import': false },
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // Less to read at every start.
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
};

/** Writes dist/cli.cjs and dist/later.cjs. */
export async function bundleCommandLine(root) {
  const later = new Set();
  const put = {
    name: 'put off',
    setup(bundler) {
      putOff(bundler, root, later);
      importAtOnce(bundler, root);
    },
  };
  const bundle = (name, contents, plugin, more) =>
    build({
      ...options,
      absWorkingDir: root,
      stdin: { contents, resolveDir: root, sourcefile: `${name}.js` },
      outfile: `dist/${name}.cjs`,
      plugins: [plugin],
      ...more,
    });
  const entry = "export * from './src/cli/main.ts';";
  const { metafile } = await bundle('cli', entry, put, { write: false });
  for (const file of usual) if (!(file in metafile.inputs)) throw new Error(`${file} is called usual and is nowhere`);

  const shared = new Set();
  const share = { name: 'share', setup: (bundler) => shareWith(bundler, root, metafile.inputs, shared) };
  await bundle('later', `module.exports = ${loaders(later)};`, share);
  await bundle('cli', `${entry} ${exportsOf(shared)}`, put);
  for (const name of ['cli', 'later']) mark(`${root}/dist/${name}.cjs`);
}

/** Leaves unusual modules to `require('later:…')`, and notes which. */
function putOff(bundler, root, later) {
  bundler.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
    const file = nameOf(root, resolve(resolveDir, path));
    if (kind !== 'dynamic-import' || usual.has(file)) return undefined;
    later.add(file);
    return { path: `later:${file}`, external: true };
  });
}

/** Makes imports of usual modules plain ones: a module that may come later is wrapped, and so is all that it imports. */
function importAtOnce(bundler, root) {
  bundler.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
    const imports = [];
    const contents = readFileSync(path, 'utf8').replace(/await import\('(\.[^']+)'\)/g, (all, name) => {
      if (!usual.has(nameOf(root, resolve(dirname(path), name)))) return all;
      imports.push(`import * as usual${imports.length} from '${name}';`);
      return `usual${imports.length - 1}`;
    });
    return imports.length === 0 ? undefined : { contents: `${imports.join(' ')} ${contents}`, loader: 'ts' };
  });
}

/** Takes modules that the first script has from there, by `require('main:…')`, and notes which. */
function shareWith(bundler, root, inputs, shared) {
  bundler.onResolve({ filter: /^main:/ }, ({ path }) => ({ path, external: true }));
  bundler.onResolve({ filter: /./ }, async ({ kind, path, importer, resolveDir, pluginData }) => {
    if (pluginData === share) return undefined;
    const found = await bundler.resolve(path, { kind, importer, resolveDir, pluginData: share });
    const file = nameOf(root, found.path);
    if (found.external || !(file in inputs)) return found;
    shared.add(file);
    return { path: file, namespace: 'main' };
  });
  // A module in between, which esbuild does not take for one of Node: to those everything required is the default export.
  bundler.onLoad({ filter: /./, namespace: 'main' }, ({ path }) => ({
    contents: `export * from 'main:${path}'; export { default } from 'main:${path}';`,
  }));
}
const share = Symbol('asked by the plugin itself');

/** A file as esbuild names its inputs. */
const nameOf = (root, path) => relative(root, path).replaceAll('\\', '/');

/** An object of functions, so that a module runs when it is asked for. */
function loaders(files) {
  const one = (file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`./${file}`)})`;
  return `{ ${[...files].toSorted().map(one).join(', ')} }`;
}

/** The same of modules that run anyway, which costs them less. */
function exportsOf(files) {
  const names = [...files].toSorted();
  const imports = names.map((file, index) => `import * as shared${index} from './${file}';`);
  const entries = names.map((file, index) => `${JSON.stringify(file)}: () => asModule(shared${index})`);
  const asModule = "const asModule = (names) => Object.defineProperty(names, '__esModule', { value: true });";
  return `${imports.join(' ')} ${asModule} export const shared = { ${entries.join(', ')} };`;
}

/** Opens the script with a hash of its content, by which bin/load.js knows the compiled code of this very script. */
function mark(path) {
  const script = readFileSync(path);
  const hash = createHash('sha256').update(script).digest('hex').slice(0, 16);
  writeFileSync(path, `/*${hash}*/${script.toString('latin1')}`, 'latin1');
}
