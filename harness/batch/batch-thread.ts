import { parentPort, workerData } from 'node:worker_threads';
import type { BatchThreadData, FromThread, ToThread } from './messages.js';
import { JobPlayer } from './play-job.js';

const port = parentPort;
if (port === null) throw new Error('a thread of a batch is started by its batch');
const player = new JobPlayer((workerData as BatchThreadData).texts);
const tell = (message: FromThread): void => {
  port.postMessage(message);
};

port.on('message', (jobs: ToThread) => {
  if (jobs.length === 0) port.close();
  else void playAll(jobs);
});
tell({ type: 'wanting' });

async function playAll(jobs: ToThread): Promise<void> {
  for (const [place, job] of jobs) tell({ type: 'result', place, result: await player.play(job) });
  tell({ type: 'wanting' });
}
