import type { BlockImage } from '../../oracle/types.js';
import type { ApplicationReport, ApplicationSpec } from '../application.js';

/** What the runner asks of an application's process. */
export type ApplicationRequest =
  | {
      readonly request: 'start';
      readonly id: number;
      readonly spec: ApplicationSpec;
      readonly socketPath: string;
      /** Devices of each LUN at that socket, path by path. */
      readonly devices: readonly { readonly lun: number; readonly names: readonly string[] }[];
    }
  | { readonly request: 'transact'; readonly id: number; readonly count: number }
  | { readonly request: 'recover'; readonly id: number; readonly lun: number; readonly incarnations: number }
  | { readonly request: 'stop'; readonly id: number };

/** What it answers. */
export type ApplicationMessage =
  | { readonly message: 'report'; readonly report: ApplicationReport }
  | { readonly message: 'done'; readonly id: number; readonly blocks: readonly BlockImage[] }
  | { readonly message: 'failed'; readonly id: number; readonly reason: string };
