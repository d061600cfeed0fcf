// Writes docs/config.schema.json from the table of settings, as the build has it.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../dist/src/config/schema.js';

const path = fileURLToPath(new URL('../docs/config.schema.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(configSchema(), undefined, 2)}\n`);
