/** Bounds on what an image says of itself, checked before anything is allocated or read. */

/** Slots in a descriptor table. The reference library writes 48, its users rarely more; 4096 take 2.3 MiB. */
export const MAX_DESCRIPTORS = 4096;

/** Octets of a signature object. Signatures of the reference library have 1 to 3 KiB, plus some a object. */
export const MAX_SIGNATURE_OCTETS: number = 1024 * 1024;

/** IDs and group numbers: the four highest bits of a group number mark it as one (sif v2 descrGroupMask). */
export const MAX_ID = 0x0fff_ffff;

/** Octets of a name, which may fill its field, and of a launch script, which needs a NUL (sif v2). */
export const MAX_NAME_OCTETS = 128;
export const MAX_LAUNCH_SCRIPT_OCTETS = 31;

/** What an object may be aligned to: 1 GiB, the largest page there is. Writers use 4096 and 65536. */
export const MAX_ALIGNMENT: number = 2 ** 30;

/** Octets copied or cleared at a time. */
export const CHUNK: number = 256 * 1024;
