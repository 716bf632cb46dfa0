import { QUIRKS } from '../../../target/index.js';
import { CASES } from '../cases/index.js';
import { caughtBy, runOnQuirks } from './run-zoo.js';

/** `npm run zoo`: the suite against every quirk. Exit status 1 if one is not caught, or a clean target fails. */
const clean = caughtBy(await runOnQuirks([], CASES));
process.stdout.write(`no quirk: ${clean.length === 0 ? 'nothing fails' : clean.join(' ')}\n`);
let uncaught = clean.length;
for (const { name } of QUIRKS) {
  const caught = caughtBy(await runOnQuirks([name], CASES));
  if (caught.length === 0) uncaught++;
  process.stdout.write(`${name}: ${caught.length === 0 ? 'NOT CAUGHT' : caught.join(' ')}\n`);
}
process.exitCode = uncaught === 0 ? 0 : 1;
