/**
 * A profile: the machine and the kernel that a recording was made on, as far as its steps depend on them.
 *
 * The machine is `MachineDescription` of the core package; what a kernel computes (group membership, reserved regions)
 * is not listed. Labels are the names that the trace grammar uses for devices and groups.
 */
import * as v from 'valibot';
import { parseAs } from './parse-as';
import { count, flag, hexNumber, name, pciAddress, uint32 } from './values';

/** Kernels that a profile can speak of. */
export const PROFILE_ERAS = ['5.10', '2022-02', '6.1', '6.12', '7.2'] as const;

const range = v.strictObject({ start: hexNumber, lengthBytes: hexNumber });

const unit = v.strictObject({
  /** VT-d CAP and ECAP registers. */
  capability: hexNumber,
  extendedCapability: hexNumber,
  /** Absent: bare hardware. */
  behaviour: v.exactOptional(v.picklist(['hardware', 'qemu-7.2'])),
});

const pciFunction = v.strictObject({
  address: pciAddress,
  kind: v.picklist([
    'endpoint',
    'root-port',
    'pcie-to-pci-bridge',
    'switch-upstream',
    'switch-downstream',
    'host-bridge',
    'integrated-endpoint',
  ]),
  /** No PCI Express capability. */
  conventional: v.exactOptional(flag),
  secondaryBus: v.exactOptional(count),
  multifunction: v.exactOptional(flag),
  acs: v.exactOptional(v.strictObject({ capability: count, control: count })),
  model: v.exactOptional(v.literal('edu')),
  vendorId: v.exactOptional(count),
  deviceId: v.exactOptional(count),
  classCode: v.exactOptional(count),
  /** The first bytes of configuration space, two hex digits each. */
  config: v.exactOptional(
    v.pipe(
      v.string('expected hex bytes'),
      v.regex(/^(?:[0-9a-f]{2}){64,}$/, 'expected at least 64 bytes, two hex digits each'),
    ),
  ),
  /** The label. */
  name: v.exactOptional(name),
  bar0: v.exactOptional(v.strictObject({ physical: hexNumber, lengthBytes: count })),
});

const machine = v.strictObject({
  ram: v.array(range),
  tableArenaBytes: v.exactOptional(count),
  unit: v.nullable(unit),
  functions: v.array(pciFunction),
});

const group = v.strictObject({
  /** The number in sysfs and in /dev/vfio. */
  number: count,
  /** The labels of all its members. */
  members: v.array(name),
});

export const profileSchema = v.strictObject({
  id: name,
  title: name,
  era: v.picklist(PROFILE_ERAS),
  /** The kernel's release string. */
  release: name,
  /** The profile as the recorder knew it: the answer to the step `kernel`. */
  releaseProfile: name,
  machine,
  groups: v.record(name, group),
  /** The type of domain that a group has at boot. */
  defaultDomain: v.picklist(['dma', 'identity']),
  interruptRemapping: flag,
  /** Buses and IOMMU drivers that are loadable modules; all others are built in. */
  modules: v.array(name),
  /** Parameters that can be written, as at boot. One that is absent does not exist. */
  moduleParameters: v.record(name, v.union([uint32, name])),
  /** The driver of each device at the start of each case, by label. */
  boundAtBoot: v.record(name, name),
});

export type Profile = v.InferOutput<typeof profileSchema>;

/** The profile that the JSON value describes. `source` names its file in errors. Throws `InputError`. */
export function parseProfile(json: unknown, source: string): Profile {
  return parseAs(profileSchema, json, { source });
}
