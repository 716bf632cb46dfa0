import { describeShare } from './scenarios-over-sockets.js';

await describeShare(0, 2);
