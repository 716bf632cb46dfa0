import { encodeSense, SCSI_STATUS } from '../../protocol/index.js';
import type { ExecuteOptions, LogicalUnitPath, ScsiResult, Sense } from '../../protocol/index.js';

const NOTHING = new Uint8Array(0);

export const good = (dataIn: Uint8Array = NOTHING): ScsiResult => ({
  status: SCSI_STATUS.good,
  sense: NOTHING,
  dataIn,
  residual: 0,
});
export const withStatus = (status: number): ScsiResult => ({ ...good(), status });
export const checkCondition = (sense: Sense): ScsiResult => ({
  ...withStatus(SCSI_STATUS.checkCondition),
  sense: encodeSense(sense),
});

export interface ScriptedPath extends LogicalUnitPath {
  /** The CDBs that came, in hex. */
  readonly cdbs: string[];
  readonly dataOuts: Uint8Array[];
}

/** A path that answers from a list, then with what `otherwise` says. */
export function scriptedPath(
  answers: readonly ScsiResult[],
  otherwise: (cdb: Uint8Array, options: ExecuteOptions) => ScsiResult | Promise<ScsiResult> = () => good(),
): ScriptedPath {
  const left = [...answers];
  const path: ScriptedPath = {
    name: 'scripted',
    cdbs: [],
    dataOuts: [],
    execute: (cdb, options = {}) => {
      path.cdbs.push(Buffer.from(cdb).toString('hex'));
      if (options.dataOut !== undefined) path.dataOuts.push(options.dataOut);
      return Promise.resolve(left.shift() ?? otherwise(cdb, options));
    },
    close: () => Promise.resolve(),
  };
  return path;
}
