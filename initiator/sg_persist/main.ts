#!/usr/bin/env node
import { runSgPersist } from './run.js';
import { runAsProcess } from './shell.js';

await runAsProcess('sg_persist', runSgPersist);
