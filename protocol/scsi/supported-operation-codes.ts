import { bits, layout, reserved, u16be, u32be, u8 } from '../layout.js';

/** REPORTING OPTIONS (SPC-4). */
export const REPORTING_OPTIONS = { all: 0, one: 1, oneWithServiceAction: 2, oneEitherWay: 3 } as const;

const allCommandsHeaderLayout = layout('All commands parameter data', u32be('commandDataLength'));

/** Command descriptor of the all commands format (SPC-4 6.35.2). */
export const commandDescriptorLayout = layout(
  'Command descriptor',
  u8('operationCode'),
  reserved(1),
  u16be('serviceAction'),
  reserved(1),
  bits({ reserved7: 6, commandTimeoutsDescriptorPresent: 1, serviceActionValid: 1 }),
  u16be('cdbLength'),
);

/** What the one command format begins with (SPC-4 6.35.3). */
export const oneCommandHeaderLayout = layout(
  'One command parameter data',
  reserved(1),
  bits({ commandTimeoutsDescriptorPresent: 1, reserved6: 4, support: 3 }),
  u16be('cdbSize'),
);

/** Command timeouts descriptor; zero: no time is given (SPC-4 6.35.4). */
export const commandTimeoutsLayout = layout(
  'Command timeouts descriptor',
  u16be('descriptorLength'),
  reserved(1),
  u8('commandSpecific'),
  u32be('nominalCommandProcessingTimeoutSeconds'),
  u32be('recommendedCommandTimeoutSeconds'),
);

/** SUPPORT (SPC-4). */
export const SUPPORT = { notSupported: 1, asStandardized: 3 } as const;

export interface SupportedCommand {
  readonly operationCode: number;
  readonly serviceAction: number | undefined;
  readonly cdbLengthBytes: number;
}

const noTimeouts = (): Uint8Array =>
  commandTimeoutsLayout.toBytes({ descriptorLength: commandTimeoutsLayout.lengthBytes - 2 });

export function encodeAllCommands(commands: readonly SupportedCommand[], withTimeouts: boolean): Uint8Array {
  const descriptors = commands.flatMap((command) => [
    commandDescriptorLayout.toBytes({
      operationCode: command.operationCode,
      serviceAction: command.serviceAction ?? 0,
      commandTimeoutsDescriptorPresent: withTimeouts ? 1 : 0,
      serviceActionValid: command.serviceAction === undefined ? 0 : 1,
      cdbLength: command.cdbLengthBytes,
    }),
    ...(withTimeouts ? [noTimeouts()] : []),
  ]);
  const body = Buffer.concat(descriptors);
  return Buffer.concat([allCommandsHeaderLayout.toBytes({ commandDataLength: body.length }), body]);
}

/** `usage` is the CDB usage data, undefined for a command that is not supported. */
export function encodeOneCommand(usage: Uint8Array | undefined, withTimeouts: boolean): Uint8Array {
  if (usage === undefined) return oneCommandHeaderLayout.toBytes({ support: SUPPORT.notSupported });
  const header = oneCommandHeaderLayout.toBytes({
    commandTimeoutsDescriptorPresent: withTimeouts ? 1 : 0,
    support: SUPPORT.asStandardized,
    cdbSize: usage.length,
  });
  return Buffer.concat([header, usage, ...(withTimeouts ? [noTimeouts()] : [])]);
}

/** Commands of the all commands format, as far as they came. */
export function decodeAllCommands(bytes: Uint8Array): SupportedCommand[] {
  const commands: SupportedCommand[] = [];
  let at = allCommandsHeaderLayout.lengthBytes;
  while (at + commandDescriptorLayout.lengthBytes <= bytes.length) {
    const one = commandDescriptorLayout.decode(bytes, at);
    commands.push({
      operationCode: one.operationCode,
      serviceAction: one.serviceActionValid === 1 ? one.serviceAction : undefined,
      cdbLengthBytes: one.cdbLength,
    });
    at += commandDescriptorLayout.lengthBytes;
    if (one.commandTimeoutsDescriptorPresent === 1) at += commandTimeoutsLayout.lengthBytes;
  }
  return commands;
}
