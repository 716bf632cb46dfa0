import { formatIscsiUrl } from '../../../initiator/index.js';
import type { ItNexusId } from '../../../protocol/index.js';
import { createTarget, type Target } from '../../../target/index.js';
import type { ArrayModel } from '../../cluster/model.js';
import { ARRAY_IQN, arrayOptions, holdInTarget } from '../array.js';
import type { RuntimeOptions } from '../create.js';
import type { Hold } from '../runtime.js';
import { loginTerms } from './login-demands.js';
import type { Portal, SocketArray } from './socket-array.js';

/** The array of a scenario as a target in this process, on ports of its own. */
export class BuiltInArray implements SocketArray {
  readonly environment: Readonly<Record<string, string>>;
  readonly #target: Target;

  private constructor(target: Target, environment: Readonly<Record<string, string>>) {
    this.#target = target;
    this.environment = environment;
  }

  /**
   * `onTarget`: given the array before anything uses it. `record`: told of commands as they are taken. `login`: what each
   * login must come with.
   */
  static async start(
    array: ArrayModel,
    { onTarget, record, login = {} }: Pick<RuntimeOptions, 'onTarget' | 'record' | 'login'>,
  ): Promise<BuiltInArray> {
    // Each portal is a target port group of its own, so that the array can favour one.
    const portals = Array.from({ length: array.portals }, (_, index) => ({
      host: '127.0.0.1',
      port: 0,
      targetPortGroup: index + 1,
    }));
    const { security, environment } = loginTerms(login);
    const target = await createTarget({ ...arrayOptions(array, portals), ...security, commandWatch: record });
    onTarget?.(target);
    return new BuiltInArray(target, environment);
  }

  get portals(): readonly Portal[] {
    return this.#target.portals;
  }

  urlOf(lun: number, through: Portal): string {
    return formatIscsiUrl({ ...through, targetName: ARRAY_IQN, lun });
  }

  observerDevice(lun: number): string {
    return this.#target.urlOf(lun);
  }

  holdWrites(lun: number, nexusIds: readonly ItNexusId[], count: number): Hold {
    return holdInTarget(this.#target, lun, nexusIds, count);
  }

  powerCycle(): Promise<void> {
    return this.#target.powerCycle();
  }

  close(): Promise<void> {
    return this.#target.close();
  }
}
