/**
 * A second opinion: what PERSISTENT RESERVE OUT does, written again from the rows of the standard by long chains of
 * conditions, with numbers for everything and nothing shared with the code under test. One target port, basic
 * parameter lists of 24 bytes, no SPEC_I_PT, no ALL_TG_PT.
 */
export interface TwinState {
  /** Key of each nexus, 0 where it is not registered. */
  keys: number[];
  /** TYPE code, 0 where nothing is reserved. */
  type: number;
  /** Index of the holder; -1 where there is no one holder. */
  holder: number;
  /** Index of the holder of a RESERVE(6/10), -1 without one. */
  spc2: number;
  lost: boolean;
}

export interface TwinRequest {
  from: number;
  action: number;
  rk: number;
  sark: number;
  type: number;
  /** REGISTER AND MOVE: index of the destination, and UNREG. */
  to: number;
  unreg: boolean;
}

export interface TwinAnswer {
  answer: string;
  state: TwinState;
  counted: boolean;
  /** ASCQ of the 2A/xx attention of each nexus, 0 for none. */
  attentions: number[];
  abort: number[];
}

const RC = 'RC';
const GOOD = 'GOOD';

export function twin(before: TwinState, request: TwinRequest): TwinAnswer {
  const keys = [...before.keys];
  let { type, holder } = before;
  let { lost } = before;
  const { from: me, action, rk, sark } = request;
  const mine = keys[me] ?? 0;
  const attentions = keys.map(() => 0);
  const everyone = keys.map((_, i) => i);
  const no = (answer: string): TwinAnswer => ({
    answer,
    state: before,
    counted: false,
    attentions: keys.map(() => 0),
    abort: [],
  });
  const yes = (counted: boolean, abort: number[] = []): TwinAnswer => ({
    answer: GOOD,
    state: { keys, type, holder, spc2: before.spc2, lost },
    counted,
    attentions,
    abort,
  });
  const badType = ![1, 3, 5, 6, 7, 8].includes(request.type);
  const isAr = (code: number): boolean => code === 7 || code === 8;
  const isRo = (code: number): boolean => code === 5 || code === 6;
  const iHold = type !== 0 && mine !== 0 && (isAr(type) || holder === me);

  if (action > 8) return no('5/24/0');
  if (lost && action !== 8) return no('7/44/1');
  if (before.spc2 !== -1) return no(RC);

  if (action === 0 || action === 6) {
    if (action === 0 && rk !== mine) return no(RC);
    if (sark !== 0) {
      keys[me] = sark;
      return yes(true);
    }
    keys[me] = 0;
    if (mine !== 0 && type !== 0 && !isAr(type) && holder === me) {
      if (isRo(type)) {
        for (const i of everyone) if (i !== me && keys[i] !== 0) attentions[i] = 4;
      }
      type = 0;
      holder = -1;
    }
    if (isAr(type) && keys.every((key) => key === 0)) type = 0;
    return yes(true);
  }

  if (action === 8) {
    if (!lost) return no(type !== 0 && mine === 0 ? RC : '5/26/4');
    if (rk !== 0) return no('5/26/0');
    if (badType) return no('5/24/0');
    if (sark === 0) return no('5/26/0');
    for (const i of everyone) keys[i] = i === me ? sark : 0;
    type = request.type;
    holder = isAr(type) ? -1 : me;
    lost = false;
    return yes(false);
  }

  if (mine === 0 || rk !== mine) return no(RC);

  if (action === 1) {
    if (badType) return no('5/24/0');
    if (type === 0) {
      type = request.type;
      holder = isAr(type) ? -1 : me;
      return yes(false);
    }
    return iHold && type === request.type ? yes(false) : no(RC);
  }

  if (action === 2) {
    if (badType) return no('5/24/0');
    if (!iHold) return yes(false);
    if (type !== request.type) return no('5/26/4');
    if (isRo(type) || isAr(type)) {
      for (const i of everyone) if (i !== me && keys[i] !== 0) attentions[i] = 4;
    }
    type = 0;
    holder = -1;
    return yes(false);
  }

  if (action === 3) {
    for (const i of everyone) {
      if (i !== me && keys[i] !== 0) attentions[i] = 3;
      keys[i] = 0;
    }
    type = 0;
    holder = -1;
    return yes(true);
  }

  if (action === 7) {
    if (type === 0) return no('5/24/0');
    if (isAr(type) || holder !== me) return no(RC);
    if (sark === 0) return no('5/26/0');
    if (request.to === me) return no('5/26/0');
    keys[request.to] = sark;
    holder = request.to;
    if (request.unreg) keys[me] = 0;
    return yes(true);
  }

  // PREEMPT and PREEMPT AND ABORT
  const withKey = everyone.filter((i) => keys[i] === sark && sark !== 0);
  const abort = action === 5 ? (sark === 0 ? everyone.filter((i) => keys[i] !== 0) : withKey) : [];
  if (sark === 0) {
    if (!isAr(type)) return no('5/26/0');
    if (badType) return no('5/24/0');
    for (const i of everyone) {
      if (i !== me && keys[i] !== 0) {
        keys[i] = 0;
        attentions[i] = 5;
      }
    }
    type = request.type;
    holder = isAr(type) ? -1 : me;
    return yes(true, abort);
  }
  if (withKey.length === 0) return no(RC);
  if (type !== 0 && !isAr(type) && keys[holder] === sark) {
    if (badType) return no('5/24/0');
    for (const i of everyone) {
      if (i === me) continue;
      if (keys[i] === sark) {
        keys[i] = 0;
        attentions[i] = 5;
      } else if (keys[i] !== 0 && request.type !== type) {
        attentions[i] = 4;
      }
    }
    type = request.type;
    holder = isAr(type) ? -1 : me;
    return yes(true, abort);
  }
  for (const i of withKey) {
    keys[i] = 0;
    if (i !== me) attentions[i] = 5;
  }
  if (isAr(type) && keys.every((key) => key === 0)) type = 0;
  return yes(true, abort);
}
