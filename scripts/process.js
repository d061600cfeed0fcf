// Stands in for the module node:process when the command line is bundled. Importing that module asks the process object
// for every property it has, which opens standard input and lists all options of Node: a tenth of a short run.
export default globalThis.process;
