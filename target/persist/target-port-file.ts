import { formatPortal } from '../../protocol/index.js';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { seal, unseal, type SealedHeader } from './sealed-json.js';

const HEADER: SealedHeader = { format: 'fencelab target ports', version: 1 };

const contentSchema = Type.Object(
  {
    targetPorts: Type.Array(
      Type.Object(
        {
          portal: Type.String({ minLength: 1 }),
          relativeTargetPortId: Type.Integer({ minimum: 1, maximum: 0xffff }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

/** Relative target port identifier by portal address. */
export type TargetPorts = ReadonlyMap<string, number>;

export function encodeTargetPortFile(ports: TargetPorts): Uint8Array {
  const content: Static<typeof contentSchema> = {
    targetPorts: [...ports].map(([portal, relativeTargetPortId]) => ({ portal, relativeTargetPortId })),
  };
  return seal(HEADER, content);
}

export function decodeTargetPortFile(
  bytes: Uint8Array,
): { readonly ports: TargetPorts } | { readonly problem: string } {
  const unsealed = unseal(HEADER, bytes);
  if ('problem' in unsealed) return unsealed;
  const { content } = unsealed;
  if (!Value.Check(contentSchema, content)) return { problem: 'does not have the expected members' };
  const ports = new Map(content.targetPorts.map((port) => [port.portal, port.relativeTargetPortId]));
  const distinct = new Set(ports.values()).size === content.targetPorts.length;
  return distinct ? { ports } : { problem: 'contradicts itself' };
}

/**
 * The identifiers of `portals`, in their order: known ones as before, new ones above all that were ever given, so that
 * no identifier comes to mean another port. Portals with one address (port 0, chosen by the system) are told apart by
 * their order.
 */
export function assignTargetPorts(
  known: TargetPorts,
  portals: readonly { readonly host: string; readonly port: number }[],
): { readonly ports: TargetPorts; readonly identifiers: readonly number[] } {
  const ports = new Map(known);
  const seen = new Map<string, number>();
  let highest = Math.max(0, ...ports.values());
  const identifiers = portals.map((portal) => {
    const address = formatPortal(portal);
    const nth = (seen.get(address) ?? 0) + 1;
    seen.set(address, nth);
    const name = nth === 1 ? address : `${address} (${nth})`;
    const identifier = ports.get(name) ?? ++highest;
    ports.set(name, identifier);
    return identifier;
  });
  return { ports, identifiers };
}
