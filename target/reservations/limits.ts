/**
 * The longest PERSISTENT RESERVE OUT parameter list that is taken; a longer PARAMETER LIST LENGTH answers 05/1A/00
 * (SPC-4 6.16.2 leaves the limit to the device server). Room for 251 of the longest iSCSI TransportIDs.
 */
export const PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX = 65_536;
