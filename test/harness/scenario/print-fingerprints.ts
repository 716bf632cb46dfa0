import { loadScenario } from '../../../harness/index.js';
import { fingerprint } from './fingerprint.js';
import { nameOf } from './fixtures.js';

// A program for determinism.test.ts: node --import tsx print-fingerprints.ts SEEDS FILE...
const [seeds = '', ...files] = process.argv.slice(2);
for (const file of files) {
  const scenario = await loadScenario(file);
  for (const seed of seeds.split(',').map(Number)) {
    process.stdout.write(`${nameOf(file)} ${seed} ${await fingerprint(scenario, seed)}\n`);
  }
}
