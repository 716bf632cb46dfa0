#!/usr/bin/env node
import { runSgPersist } from './run.js';
import { runAsProcess } from './shell.js';

const exitStatus = await runAsProcess('sg_persist', runSgPersist);
const log = process.env['FENCELAB_RECORD'] ?? '';
if (log !== '') {
  const { record } = await import('./record.js');
  record(log, process.argv.slice(2), exitStatus);
}
