import { connectHostSocket } from '../../../initiator/index.js';
import type { LogicalUnitPath } from '../../../protocol/index.js';
import type { BlockImage } from '../../oracle/types.js';
import { Application } from '../application.js';
import type { ApplicationMessage, ApplicationRequest } from './messages.js';

// The process of a package's application: it does what the runner asks for, through the socket of its node.

let application: Application | undefined;

function tell(message: ApplicationMessage): void {
  process.send?.(message);
}

async function start(request: Extract<ApplicationRequest, { request: 'start' }>): Promise<void> {
  const paths = new Map<number, LogicalUnitPath[]>();
  for (const { lun, names } of request.devices) {
    const opened: LogicalUnitPath[] = [];
    for (const name of names) {
      opened.push(await connectHostSocket(request.socketPath, name, request.spec.packageName));
    }
    paths.set(lun, opened);
  }
  application = new Application(request.spec, paths, (report) => {
    tell({ message: 'report', report });
  });
}

async function carryOut(request: ApplicationRequest): Promise<readonly BlockImage[]> {
  if (request.request === 'start') {
    await start(request);
    return [];
  }
  if (application === undefined) throw new Error('the application was not started');
  switch (request.request) {
    case 'transact':
      await application.transact(request.count);
      return [];
    case 'recover':
      return application.recover(request.lun, request.incarnations);
    case 'stop':
      await application.close();
      return [];
  }
}

process.on('message', (request: ApplicationRequest) => {
  carryOut(request).then(
    (blocks) => {
      tell({ message: 'done', id: request.id, blocks });
    },
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      tell({ message: 'failed', id: request.id, reason });
    },
  );
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit(0));
// A signal to the group is the runner's to act upon.
process.on('SIGINT', () => undefined);
