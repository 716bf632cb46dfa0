#!/usr/bin/env node
import { runAsProcess } from './shell.js';
import { runSgTurs } from './turs-run.js';

await runAsProcess('sg_turs', runSgTurs);
