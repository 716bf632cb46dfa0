/** A PDU where it lies in the receive buffer. */
export interface PduView {
  readonly bytes: Buffer;
  readonly bhs: number;
  readonly dataStart: number;
  readonly dataLengthBytes: number;
}
