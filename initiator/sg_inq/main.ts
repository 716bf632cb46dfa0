#!/usr/bin/env node
import { runAsProcess } from '../sg_persist/shell.js';
import { runSgInq } from './run.js';

await runAsProcess('sg_inq', runSgInq);
