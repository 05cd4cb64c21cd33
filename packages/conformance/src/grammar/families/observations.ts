/** Steps that look and change nothing, and `end`, which ends the process and with it the case. */
import * as v from 'valibot';
import { noArgs, operation } from '../operation';
import { deviceLabel, flag, groupLabel, hexNumber, name, pciAddress, text } from '../values';

export const observationOperations = {
  /** The kernel's release string and the profile that it was started with. */
  kernel: operation(noArgs, { release: v.exactOptional(name), profile: v.exactOptional(name) }),
  /** What sysfs shows of a device; two recorders looked at different things. */
  device: operation(v.strictObject({ dev: deviceLabel }), {
    bdf: v.exactOptional(pciAddress),
    /** The group's label, `none` without a group link. */
    group: v.exactOptional(groupLabel),
    has_group: v.exactOptional(flag),
    members: v.exactOptional(v.array(pciAddress)),
    /** Type of the default domain: DMA, identity. */
    type: v.exactOptional(name),
    /** Reserved regions: first and last address, kind. */
    reserved: v.exactOptional(v.array(v.strictTuple([hexNumber, hexNumber, name]))),
    group_of_mf0: v.exactOptional(flag),
  }),
  /** A comment. Never changes state: a case without its notes replays identically. */
  note: operation(v.strictObject({ text })),
  /** The process exits: every descriptor is closed, everything unmapped. */
  end: operation(noArgs),
};
