import { CONFLICT_ROWS } from '../cases/conflicts/table.js';
import { TYPE_ID, TYPES } from '../cases/service-actions/situation.js';

/** A table of what the standard demands: each cell names the cases that try it, by patterns of their ids. */
export interface RequirementTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly RequirementRow[];
}

export interface RequirementRow {
  readonly title: string;
  /** One for each column; null: the standard has nothing there. */
  readonly cells: readonly (readonly string[] | null)[];
}

const row = (title: string, ...patterns: readonly string[]): RequirementRow => ({ title, cells: [patterns] });
const CASES_COLUMN = ['cases'] as const;

/** Outcomes of each service action of PERSISTENT RESERVE OUT (SPC-4 tables 67 to 72). */
const SERVICE_ACTIONS: RequirementTable = {
  title: 'C3. What each service action leads to (SPC-4 5.13.7 to 5.13.11)',
  columns: CASES_COLUMN,
  rows: [
    row('REGISTER, unregistered, no key given, none to register: GOOD, nothing', 'unregister.*.unregistered'),
    row('REGISTER, unregistered: registers', 'register.*.unregistered'),
    row('REGISTER, another key than the own: conflict', 'register.*.wrong-key', 'unregister.*.wrong-key'),
    row(
      'REGISTER, registered: changes the key, the reservation stays',
      'register.*.registered',
      'register.*.holder',
    ),
    row('REGISTER of no key: unregisters', 'unregister.*.registered', 'unregister.*.holder'),
    row(
      'REGISTER AND IGNORE EXISTING KEY: the key given does not count',
      'register-and-ignore.*',
      'unregister-and-ignore.*',
    ),
    row(
      'RESERVE without a reservation: the sender holds it',
      'reserve.free.registered',
      'reserve-other-type.free.registered',
    ),
    row('RESERVE of what another holds: conflict', 'reserve.held-*.registered', 'reserve.held-*.wrong-key'),
    row('RESERVE by the holder, another type: conflict', 'reserve-other-type.held-*.holder'),
    row('RESERVE by the holder, the same: GOOD, no change', 'reserve.held-*.holder'),
    row(
      'RELEASE without a reservation, or by one who does not hold it: GOOD, nothing',
      'release.free.registered',
      'release.held-*.registered',
    ),
    row('RELEASE by the holder, another type: 05/26/04', 'release-other-type.held-*.holder'),
    row('RELEASE by the holder: released', 'release.held-*.holder'),
    row('CLEAR: no key and no reservation is left', 'clear.*.registered', 'clear.*.holder'),
    row('PREEMPT, unregistered or another key: conflict', 'preempt.*.unregistered', 'preempt.*.wrong-key'),
    row(
      'PREEMPT of key 0 under all registrants: drops all others, reserves anew',
      'preempt.zero.held-*-ar.holder',
    ),
    row(
      'PREEMPT under all registrants of a key: drops it, the reservation stays',
      'preempt.bystander.held-*-ar.holder',
      'preempt.holder.held-*-ar.*',
    ),
    row(
      'PREEMPT of key 0, one nexus holds: 05/26/00',
      'preempt.zero.held-we.*',
      'preempt.zero.held-ea.*',
      'preempt.zero.held-*-ro.*',
    ),
    row('PREEMPT of key 0 without a reservation: left open', 'preempt.zero.free.registered'),
    row('PREEMPT of the holder: the sender takes the reservation', 'preempt.holder.held-*.registered'),
    row('PREEMPT of another key: drops it', 'preempt.bystander.*'),
    row('PREEMPT of the own key by the holder: reserves anew', 'preempt.own-key.held-*.holder'),
    row(
      'PREEMPT of the own key by another: its registration goes too',
      'preempt.own-key.free.registered',
      'preempt.own-key.held-*.registered',
    ),
    row(
      'PREEMPT AND ABORT: the same, and the commands of the key are aborted',
      'preempt-and-abort.*',
      'abort.preempt-and-abort.*',
    ),
    row(
      'REGISTER AND MOVE, unregistered or another key: conflict',
      'register-and-move.*.unregistered',
      'register-and-move.*.wrong-key',
    ),
    row(
      'REGISTER AND MOVE by one who does not hold, or under all registrants: conflict',
      'register-and-move.held-*.registered',
      'register-and-move.held-*-ar.*',
    ),
    row('REGISTER AND MOVE without a reservation: left open', 'register-and-move.free.registered'),
    row(
      'REGISTER AND MOVE by the holder: the destination is registered and holds',
      'register-and-move.held-*.holder',
    ),
    row('REPLACE LOST RESERVATION where nothing was lost: 05/26/04', 'replace-lost.*'),
    row('REPLACE LOST RESERVATION after a loss: registers, reserves, PRGENERATION 0', 'lost.replaced.*'),
  ],
};

/** What a registration and a reservation belong to and outlive (SPC-4 5.13.1, 5.13.5, 5.13.10). */
const LIFETIME: RequirementTable = {
  title: 'C4. Who holds, and for how long (SPC-4 5.13.1, 5.13.5, 5.13.10)',
  columns: TYPES.map((type) => TYPE_ID[type]),
  rows: [
    perType('stays through a LOGICAL UNIT RESET', (id) => [`lifetime.logical-unit-reset.${id}`]),
    perType('stays through logout and login', (id) => [`lifetime.logout.${id}`]),
    perType('stays through the loss of the connection', (id) => [`lifetime.connection-loss.${id}`]),
    perType('stays through a power loss with APTPL', (id) => [`lifetime.power-loss.with-aptpl.${id}`]),
    perType('when its holder unregisters', (id) => [
      `unregister.held-${id}.holder`,
      `unregister-and-ignore.held-${id}.holder`,
    ]),
    perType('when the last registrant leaves', (id) =>
      id.endsWith('-ar') ? [`lifetime.last-registrant.${id}`] : null,
    ),
    same('goes with a power loss without APTPL', 'lifetime.power-loss.without-aptpl'),
    same('the last APTPL decides, and PTPL_A says so', 'lifetime.aptpl.*'),
    same(
      'another ISID, another target port: another nexus',
      'lifetime.other-isid',
      'lifetime.other-target-port',
    ),
    same('what APTPL keeps was lost', 'lost.refused.*', 'lost.served.*'),
  ],
};

/** Who hears what (SPC-4 5.13.11, 7.5.8, SAM-5 5.14). */
const ATTENTIONS: RequirementTable = {
  title: 'C5. Who hears what (SPC-4 5.13.11, 7.5.8)',
  columns: ['no reservation', ...TYPES.map((type) => TYPE_ID[type])],
  rows: [
    situations('RELEASE by the holder', (of) => (of === 'free' ? null : [`release.${of}.holder`])),
    situations('the holder unregisters', (of) => (of === 'free' ? null : [`unregister.${of}.holder`])),
    situations('CLEAR', (of) => [`clear.${of}.*`]),
    situations('PREEMPT: who lost a registration', (of) => [`preempt.bystander.${of}.*`]),
    situations('PREEMPT: who stays while the type changes', (of) =>
      of === 'free' || of.endsWith('-ar')
        ? null
        : [`preempt.holder.${of}.registered`, `preempt.own-key.${of}.holder`],
    ),
    situations('REGISTER, RESERVE, REGISTER AND MOVE: nobody', (of) => [
      `register.${of}.*`,
      `reserve.${of}.*`,
      `register-and-move.${of}.*`,
    ]),
    alike('NUAR=1: nobody hears of a RELEASE', 'attention.release.nuar-1.*'),
    alike('aborted with TAS=1: TASK ABORTED, no 2F/00', 'abort.preempt-and-abort.tas-1'),
    alike('aborted with TAS=0: no status, 2F/00', 'abort.preempt-and-abort.tas-0'),
    alike(
      'how a pending attention is told',
      'attention.inquiry-passes',
      'attention.request-sense',
      'attention.each-nexus',
      'attention.two-conditions',
    ),
  ],
};

/** PRGENERATION (SPC-4 6.15.2). */
const GENERATION: RequirementTable = {
  title: 'C6. How PRGENERATION rises (SPC-4 6.15.2)',
  columns: ['by one', 'not, since it ends otherwise'],
  rows: [
    rises('REGISTER', 'register.*.holder', 'register.*.wrong-key'),
    rises('REGISTER of no key', 'unregister.*.holder', 'unregister.*.wrong-key'),
    rises('REGISTER AND IGNORE EXISTING KEY', 'register-and-ignore.*', null),
    rises('RESERVE', null, 'reserve.*'),
    rises('RELEASE', null, 'release.*'),
    rises('CLEAR', 'clear.*.holder', 'clear.*.wrong-key'),
    rises('PREEMPT', 'preempt.*.holder', 'preempt.*.wrong-key'),
    rises('PREEMPT AND ABORT', 'preempt-and-abort.*.holder', 'preempt-and-abort.*.wrong-key'),
    rises('REGISTER AND MOVE', 'register-and-move.held-*.holder', 'register-and-move.*.wrong-key'),
    rises('REPLACE LOST RESERVATION: to 0', 'lost.replaced.*', 'replace-lost.*'),
  ],
};

/** Every command under every type (SPC-4 tables 65 and 66, SBC-4 table 13). */
const CONFLICTS: RequirementTable = {
  title: 'C9. Which commands a reservation keeps out (SPC-4 tables 65 and 66, SBC-4 table 13)',
  columns: TYPES.map((type) => TYPE_ID[type]),
  rows: CONFLICT_ROWS.map(({ id, name }) => perType(name, (type) => [`conflict.${id}.${type}.*`])),
};

/** The tables of `conform --matrix`. */
export const REQUIREMENT_TABLES: readonly RequirementTable[] = [
  SERVICE_ACTIONS,
  LIFETIME,
  ATTENTIONS,
  GENERATION,
  CONFLICTS,
];

function perType(title: string, patterns: (typeId: string) => readonly string[] | null): RequirementRow {
  return { title, cells: TYPES.map((type) => patterns(TYPE_ID[type])) };
}

/** The same cases stand for every type. */
function same(title: string, ...patterns: readonly string[]): RequirementRow {
  return perType(title, () => patterns);
}

function situations(
  title: string,
  patterns: (situation: string) => readonly string[] | null,
): RequirementRow {
  return { title, cells: ['free', ...TYPES.map((type) => `held-${TYPE_ID[type]}`)].map(patterns) };
}

function alike(title: string, ...patterns: readonly string[]): RequirementRow {
  return situations(title, () => patterns);
}

function rises(title: string, byOne: string | null, not: string | null): RequirementRow {
  return { title, cells: [byOne === null ? null : [byOne], not === null ? null : [not]] };
}
