import { describe, expect, it } from 'vitest';
import { FullFeaturePhase, type AsynchronousMessage } from '../../../initiator/iscsi/full-feature-phase.js';
import { ScsiTask } from '../../../initiator/iscsi/scsi-task.js';
import { DEFAULT_PARAMETERS, type OperationalParameters, type ScsiResult } from '../../../protocol/index.js';
import { readPdu, sn, targetPdu, type TargetPdu } from './bytes.js';

function setUp(
  parameters: Partial<OperationalParameters> = {},
  serials = { cmdSn: 7, expStatSn: 3, maxCmdSn: 20 },
) {
  const sent: ReturnType<typeof readPdu>[] = [];
  const messages: AsynchronousMessage[] = [];
  const output = {
    send: (bhs: Buffer, data?: Uint8Array) => {
      const copy = Buffer.concat([bhs, data ?? Buffer.alloc(0)]);
      copy.writeUIntBE(data?.length ?? 0, 5, 3);
      sent.push(readPdu(copy));
    },
  };
  const phase = new FullFeaturePhase({ ...DEFAULT_PARAMETERS, ...parameters }, serials, output, (message) =>
    messages.push(message),
  );
  const receive = (pdu: TargetPdu) => {
    const bytes = Buffer.concat([Buffer.alloc(3), targetPdu(pdu)]);
    phase.receive({ bytes, bhs: 3, dataStart: 51, dataLengthBytes: bytes.readUIntBE(8, 3) });
  };
  const command = (wants: { lun?: number; dataOut?: Uint8Array; dataInLength?: number } = {}) => {
    const outcome: { result?: ScsiResult; error?: Error; settled: number } = { settled: 0 };
    const task = new ScsiTask(
      {
        lun: 0,
        cdb: Buffer.from('2800', 'hex'),
        dataOut: undefined,
        dataInLength: undefined,
        timeoutMs: undefined,
        ...wants,
      },
      (result) => (outcome.result = result),
      (error) => (outcome.error = error),
      () => outcome.settled++,
    );
    phase.sendCommand(task);
    return outcome;
  };
  const summary = () => sent.map((p) => [p.opcode, p.flags, p.word20, p.word36, p.word40, p.data.length]);
  return { phase, sent, messages, receive, command, summary };
}

const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i % 251));
const NONE = 0xffffffff;

describe('commands, RFC 7143 11.3', () => {
  it('carry tag, CmdSN, ExpStatSN, LUN and CDB', () => {
    const { sent, command, receive } = setUp();
    command({ dataInLength: 512, lun: 300 });
    receive({ opcode: 0x21, tag: 1, words: sn(3) });
    command();
    expect(sent).toMatchObject([
      {
        opcode: 1,
        immediate: false,
        flags: 0xc1,
        lun: '412c000000000000',
        tag: 1,
        word20: 512,
        cmdSn: 7,
        expStatSn: 3,
        word32: 0x28000000,
      },
      { flags: 0x81, tag: 2, word20: 0, cmdSn: 8, expStatSn: 4 },
    ]);
  });

  it('wait for the window, whose end never goes back and wraps', () => {
    const { phase, command, receive } = setUp({}, { cmdSn: 0xffffffff, expStatSn: 0, maxCmdSn: 0xffffffff });
    expect(phase.windowOpen).toBe(true);
    command();
    expect(phase.windowOpen).toBe(false);
    receive({ opcode: 0x20, words: { ...sn(0, 0, 1), 20: NONE } });
    expect(phase.windowOpen).toBe(true);
    command();
    receive({ opcode: 0x20, words: { ...sn(0, 0, 0), 20: NONE } });
    command();
    expect(phase.windowOpen).toBe(false);
    // MaxCmdSN below ExpCmdSN - 1 says nothing (RFC 7143 4.2.2.1).
    receive({ opcode: 0x20, words: { ...sn(0, 50, 40), 20: NONE } });
    expect(phase.windowOpen).toBe(false);
  });
});

describe('Data-Out, RFC 7143 11.7 and 13.10, 13.11', () => {
  const small = { peerMaxRecvDataSegmentLengthBytes: 512, firstBurstLengthBytes: 1024 };
  const write = (parameters: Partial<OperationalParameters>, length = 1500) => {
    const it = setUp({ ...small, ...parameters });
    it.command({ dataOut: bytes(length) });
    return it;
  };

  it.each([
    [{ initialR2t: true, immediateData: true }, [[1, 0xa1, 1500, 0, 0, 512]]],
    [{ initialR2t: true, immediateData: false }, [[1, 0xa1, 1500, 0, 0, 0]]],
    [
      { initialR2t: false, immediateData: true },
      [
        [1, 0x21, 1500, 0, 0, 512],
        [5, 0x80, NONE, 0, 512, 512],
      ],
    ],
    [
      { initialR2t: false, immediateData: false },
      [
        [1, 0x21, 1500, 0, 0, 0],
        [5, 0, NONE, 0, 0, 512],
        [5, 0x80, NONE, 1, 512, 512],
      ],
    ],
  ])('goes unasked as far as %o allows', (parameters, expected) => {
    expect(write(parameters).summary()).toEqual(expected);
  });

  it('is final at once where all of it fits', () => {
    expect(write({ initialR2t: false, immediateData: true }, 512).summary()).toEqual([
      [1, 0xa1, 512, 0, 0, 512],
    ]);
  });

  it('answers each R2T with its tag, its own DataSN and the right bytes', () => {
    const it = write({ initialR2t: true, immediateData: true });
    it.sent.length = 0;
    it.receive({ opcode: 0x31, tag: 1, words: { ...sn(3), 20: 0xabcd, 36: 0, 40: 512, 44: 700 } });
    it.receive({ opcode: 0x31, tag: 1, words: { ...sn(3), 20: 0xabce, 36: 1, 40: 1212, 44: 288 } });
    expect(it.summary()).toEqual([
      [5, 0, 0xabcd, 0, 512, 512],
      [5, 0x80, 0xabcd, 1, 1024, 188],
      [5, 0x80, 0xabce, 0, 1212, 288],
    ]);
    expect(Buffer.concat(it.sent.map((pdu) => pdu.data))).toEqual(bytes(1500).subarray(512));
    expect(it.sent.map((pdu) => pdu.tag)).toEqual([1, 1, 1]);
  });

  it('refuses an R2T beyond the data, and ignores one of an ended command', () => {
    const it = write({ initialR2t: true, immediateData: false });
    const r2t = (tag: number, offset: number, length: number) => () => {
      it.receive({ opcode: 0x31, tag, words: { ...sn(3), 20: 1, 40: offset, 44: length } });
    };
    expect(r2t(1, 1000, 501)).toThrow('asked for 501 bytes at offset 1000 of a command that has 1500');
    expect(r2t(1, 0, 0)).toThrow('asked for 0 bytes');
    expect(r2t(99, 0, 100)).not.toThrow();
    expect(it.sent).toHaveLength(1);
  });
});

describe('Data-In and status', () => {
  it('puts Data-In together and takes the status collapsed into the last', () => {
    const { command, receive, phase } = setUp();
    const outcome = command({ dataInLength: 10 });
    receive({ opcode: 0x25, flags: 0, tag: 1, words: { ...sn(0), 36: 0, 40: 0 }, data: 'hello' });
    expect(outcome.settled).toBe(0);
    receive({
      opcode: 0x25,
      flags: 0x83,
      three: 0,
      tag: 1,
      words: { ...sn(3), 36: 1, 40: 5, 44: 2 },
      data: 'you',
    });
    expect(outcome.result).toEqual({
      status: 0,
      sense: new Uint8Array(0),
      dataIn: Buffer.from('helloyou'),
      residual: 2,
    });
    expect([outcome.settled, phase.taskCount]).toEqual([1, 0]);
  });

  it('reports sense data, overflow as negative and what is missing without a word', () => {
    const { command, receive } = setUp();
    const failed = command({ dataInLength: 10 });
    const over = command({ dataInLength: 2 });
    const silent = command({ dataInLength: 8 });
    receive({
      opcode: 0x21,
      flags: 0x82,
      three: 2,
      tag: 1,
      words: { ...sn(3), 44: 10 },
      data: '\0\u0003abc',
    });
    receive({ opcode: 0x25, flags: 0x85, three: 0, tag: 2, words: { ...sn(4), 44: 6 }, data: 'xy' });
    receive({ opcode: 0x21, tag: 3, words: sn(5) });
    expect(failed.result).toMatchObject({ status: 2, sense: Buffer.from('abc'), residual: 10 });
    expect(over.result).toMatchObject({ status: 0, dataIn: Buffer.from('xy'), residual: -6 });
    expect(silent.result).toMatchObject({ status: 0, dataIn: new Uint8Array(0), residual: 8 });
  });

  it('fails the command on a target failure', () => {
    const { command, receive } = setUp();
    const outcome = command();
    receive({ opcode: 0x21, two: 1, tag: 1, words: sn(3) });
    expect(outcome.error?.message).toBe('the target failed before the command ended (response 1)');
  });

  it('refuses gaps in StatSN, DataSN and offset, and opcodes of an initiator', () => {
    const broken = (pdu: TargetPdu) => () => {
      const it = setUp();
      it.command({ dataInLength: 10 });
      it.receive({ tag: 1, ...pdu });
    };
    expect(broken({ opcode: 0x21, words: sn(4) })).toThrow('StatSN 4 where 3 was due');
    expect(broken({ opcode: 0x25, flags: 0, words: { ...sn(0), 36: 1 }, data: 'a' })).toThrow(
      'DataSN 1 where 0',
    );
    expect(broken({ opcode: 0x25, flags: 0, words: { ...sn(0), 40: 1 }, data: 'a' })).toThrow(
      '1 bytes at offset 1',
    );
    expect(broken({ opcode: 0x25, flags: 0, words: sn(0), data: 'x'.repeat(11) })).toThrow(
      '11 bytes at offset 0',
    );
    expect(broken({ opcode: 0x01 })).toThrow('the target sent SCSI Command');
    expect(broken({ opcode: 0x24, words: sn(3) })).toThrow('a Text Response that nothing asked for');
  });
});

describe('beside commands', () => {
  it('answers a ping of the target with its tag and LUN, and one that wants no answer with none', () => {
    const { sent, receive } = setUp();
    receive({ opcode: 0x20, words: { ...sn(3), 20: NONE } });
    expect(sent).toEqual([]);
    receive({ opcode: 0x20, words: { ...sn(3), 8: 0x00050000, 20: 0x77 } });
    expect(sent).toMatchObject([
      {
        opcode: 0,
        immediate: true,
        flags: 0x80,
        lun: '0005000000000000',
        tag: NONE,
        word20: 0x77,
        cmdSn: 7,
        expStatSn: 3,
      },
    ]);
  });

  it('pings, and wants its data back', async () => {
    const { phase, sent, receive } = setUp();
    const ping = phase.exchanges.ping(Buffer.from('abc'));
    expect(sent).toMatchObject([
      { opcode: 0, immediate: true, tag: 1, word20: NONE, data: Buffer.from('abc') },
    ]);
    receive({ opcode: 0x20, tag: 1, words: { ...sn(3), 20: NONE }, data: 'abc' });
    await ping;
    const bad = phase.exchanges.ping(Buffer.from('abc'));
    expect(() => {
      receive({ opcode: 0x20, tag: 2, words: sn(4), data: 'abd' });
    }).toThrow('echoed other data');
    await expect(bad).rejects.toThrow('echoed other data');
  });

  it('puts a text answer in pieces together, RFC 7143 11.11', async () => {
    const { phase, sent, receive } = setUp();
    const text = phase.exchanges.text([['SendTargets', 'All']]);
    receive({ opcode: 0x24, flags: 0x40, tag: 1, words: { ...sn(3), 20: 5 }, data: 'TargetNa' });
    await Promise.resolve();
    await Promise.resolve();
    expect(sent).toMatchObject([
      { opcode: 4, flags: 0x80, word20: NONE, data: Buffer.from('SendTargets=All\0') },
      { opcode: 4, flags: 0x80, word20: 5, data: Buffer.alloc(0) },
    ]);
    receive({ opcode: 0x24, tag: sent[1]?.tag ?? 0, words: { ...sn(4), 20: NONE }, data: 'me=a\0' });
    expect(await text).toEqual([['TargetName', 'a']]);
  });

  it('aborts one task, or those of a LU that were sent before', async () => {
    const { phase, sent, receive, command } = setUp();
    const outcomes = [command({ lun: 1 }), command({ lun: 1 }), command({ lun: 2 })];
    const abort = phase.manageTask({ function: 'abortTask', lun: 1, initiatorTaskTag: 2 });
    expect(sent.at(-1)).toMatchObject({
      opcode: 2,
      immediate: true,
      flags: 0x81,
      tag: 4,
      word20: 2,
      cmdSn: 10,
      word32: 8,
      lun: '0001000000000000',
    });
    receive({ opcode: 0x22, tag: 4, words: sn(3) });
    expect(await abort).toBe(0);
    expect(outcomes.map((outcome) => outcome.error?.message)).toEqual([
      undefined,
      'the command was ended by abortTask',
      undefined,
    ]);
    const reset = phase.manageTask({ function: 'logicalUnitReset', lun: 1 });
    const later = command({ lun: 1 });
    receive({ opcode: 0x22, tag: 5, words: sn(4) });
    await reset;
    expect([outcomes[0]?.error?.message, outcomes[2]?.error, later.error]).toEqual([
      'the command was ended by logicalUnitReset',
      undefined,
      undefined,
    ]);
    const refused = phase.manageTask({ function: 'targetColdReset' });
    receive({ opcode: 0x22, two: 5, tag: 7, words: sn(5) });
    expect(await refused).toBe(5);
    expect(outcomes[2]?.error).toBeUndefined();
  });

  it('fails what is rejected, but not the command whose Data-Out is', () => {
    const { receive, command } = setUp();
    const rejected = command();
    const other = command();
    receive({ opcode: 0x3f, two: 9, words: sn(3), data: targetPdu({ opcode: 0x01, tag: 1 }) });
    receive({ opcode: 0x3f, two: 4, words: sn(4), data: targetPdu({ opcode: 0x05, tag: 2 }) });
    expect(rejected.error?.message).toBe('the target rejected the SCSI Command: invalid PDU field');
    expect(other.settled).toBe(0);
  });

  it('hands on asynchronous messages', () => {
    const { receive, messages } = setUp();
    receive({ opcode: 0x32, words: { ...sn(3), 36: 0x01000000, 40: 0x0000000a }, data: '' });
    expect(messages).toEqual([
      { event: 1, lun: 0n, parameter1: 0, parameter2: 0, parameter3: 10, data: Buffer.alloc(0) },
    ]);
  });

  it('fails everything when the connection is gone', async () => {
    const { phase, command } = setUp();
    const outcome = command();
    const ping = phase.exchanges.ping();
    phase.fail(new Error('gone'));
    expect(outcome.error?.message).toBe('gone');
    await expect(ping).rejects.toThrow('gone');
    expect(phase.taskCount).toBe(0);
  });
});
