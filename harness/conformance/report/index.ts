export { conformanceHtml } from './html.js';
export { conformanceJson } from './json.js';
export { conformanceJunit } from './junit.js';
export { tapReport } from './tap.js';
export { suiteLines } from './terminal.js';
