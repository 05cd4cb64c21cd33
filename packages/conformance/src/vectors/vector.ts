/**
 * The grammar of golden vectors: operations on a page table with every entry and walk that must come of them, and
 * single accesses to a given table with the fault that they must raise.
 *
 * An entry is `[path, index, value]`: the indexes from the root to its table, its index there, and its value in
 * hexadecimal. `T:0x..` is a pointer to a table, without its address bits.
 */
import * as v from 'valibot';
import { errno, flag, hexNumber, integer, name, text, uint32 } from '../grammar/values';

/** The formats that vectors exist for, by the names that they use. */
export const VECTOR_FORMATS = [
  'vtdss',
  'x86_64',
  'amdv1',
  'arm_s1',
  'arm_s2',
  'arm_contig',
  'riscv',
  'tce',
  'dart',
  'tegra',
] as const;
export type VectorFormat = (typeof VECTOR_FORMATS)[number];

const ENTRY = 'expected an entry like "0x1003" or "T:0x3"';
const entry = v.strictTuple([
  v.array(uint32),
  uint32,
  v.pipe(v.string(ENTRY), v.regex(/^(?:T:)?0x[0-9a-fA-F]{1,16}$/, ENTRY)),
]);
export type VectorEntry = v.InferOutput<typeof entry>;

const config = v.record(
  v.string(),
  v.union([integer, flag, text]),
  'expected an object of numbers, flags and texts',
);

const head = {
  format: v.picklist(VECTOR_FORMATS, `expected one of the formats ${VECTOR_FORMATS.join(', ')}`),
  case: name,
  source: text,
  config,
};

const permission = v.pipe(
  v.string('expected a permission like "rw"'),
  v.regex(/^(?=.)r?w?x?$/, 'expected a permission like "rw"'),
);
const walkFault = v.picklist(
  ['notpresent', 'reserved', 'aperture'],
  'expected "notpresent", "reserved" or "aperture"',
);

const mapOperation = v.strictObject({
  op: v.literal('map'),
  iova: hexNumber,
  pa: hexNumber,
  size: hexNumber,
  prot: uint32,
  ret: v.union([v.literal(0), errno], 'expected 0 or an errno name'),
  mapped: hexNumber,
});
const unmapOperation = v.strictObject({
  op: v.literal('unmap'),
  iova: hexNumber,
  size: hexNumber,
  unmapped: hexNumber,
});

const found = v.strictObject({
  iova: hexNumber,
  pa: hexNumber,
  level: uint32,
  pageSize: hexNumber,
  perm: permission,
});
const missed = v.strictObject({ iova: hexNumber, pa: v.null(), level: uint32, fault: walkFault });

export const tableVector = v.strictObject({
  ...head,
  ops: v.array(v.variant('op', [mapOperation, unmapOperation], 'expected "map" or "unmap"')),
  expect: v.strictObject({
    topLevel: uint32,
    topBits: uint32,
    roots: uint32,
    tables: v.array(entry),
    walk: v.array(v.union([found, missed], 'expected a walk to an address or to a fault')),
  }),
});
/** A sequence of maps and unmaps on an empty table, and what it must lead to. */
export type TableVector = v.InferOutput<typeof tableVector>;

export const faultVector = v.strictObject({
  ...head,
  note: text,
  topLevel: uint32,
  topBits: uint32,
  image: v.array(entry),
  access: v.strictObject({
    iova: hexNumber,
    type: v.picklist(['r', 'w', 'x'], 'expected "r", "w" or "x"'),
    user: flag,
  }),
  // The codes that follow the fault differ from IOMMU to IOMMU.
  expect: v.union(
    [
      v.strictObject({ pa: hexNumber, level: uint32, pageSize: hexNumber }),
      v.looseObject({ pa: v.null(), level: uint32, fault: name }),
    ],
    'expected an address, or null with a fault',
  ),
});
/** One access to a given table, and the address or fault that it must end in. */
export type FaultVector = v.InferOutput<typeof faultVector>;

export type Vector = TableVector | FaultVector;

/** Whether a vector is a single access to a given table. */
export function isFaultVector(vector: Vector): vector is FaultVector {
  return 'image' in vector;
}

/** The name that a vector goes by in reports. */
export function vectorId(vector: Vector): string {
  return `${vector.format}/${vector.case}`;
}

/** What configures VT-d second-stage tables: levels, widths, and options of format, driver and unit. */
export const vtdssConfig = v.strictObject({
  levels: v.picklist([3, 4, 5], 'expected 3, 4 or 5 levels'),
  va: v.picklist([39, 48, 57], 'expected 39, 48 or 57 bits'),
  oa: v.pipe(
    integer,
    v.minValue(32, 'expected a width from 32'),
    v.maxValue(52, 'expected a width up to 52'),
  ),
  forceSnoop: v.optional(flag),
  forceWriteable: v.optional(flag),
  nonCoherent: v.optional(flag),
  snoopControl: v.optional(flag),
  note: v.optional(text),
});
