import { describeShare } from './scenarios-over-sockets.js';

await describeShare(1, 2);
