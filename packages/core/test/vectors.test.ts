/** Every golden vector of VT-d second-stage tables: what operations answer, every entry in memory, every walk. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  ACCESS_READ,
  ACCESS_WRITE,
  ERRNO,
  type Errno,
  hex,
  PageTable,
  PhysicalMemory,
  pageOf,
  type SecondStageConfig,
  VtdUnit,
  vtd,
  vtdSecondStage,
} from '../src/index';

interface Config {
  levels: 3 | 4 | 5;
  oa: number;
  forceSnoop?: boolean;
  forceWriteable?: boolean;
  nonCoherent?: boolean;
  snoopControl?: boolean;
}
type Entry = [path: number[], index: number, entry: string];
interface TableVector {
  case: string;
  config: Config;
  ops: (
    | { op: 'map'; iova: string; pa: string; size: string; prot: number; ret: 0 | Errno; mapped: string }
    | { op: 'unmap'; iova: string; size: string; unmapped: string }
  )[];
  expect: {
    tables: Entry[];
    walk: ({ iova: string; level: number } & (
      | { pa: string; pageSize: string; perm: string }
      | { pa: null; fault: string }
    ))[];
  };
}
interface FaultVector {
  case: string;
  note: string;
  config: Config;
  image: Entry[];
  access: { iova: string; type: 'r' | 'w' };
  expect: { pa: string | null; vtd_legacy_reason?: string };
}

const load = <T>(file: string): T[] =>
  gunzipSync(readFileSync(new URL(`vectors/${file}`, import.meta.url)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

const newMemory = (): PhysicalMemory =>
  new PhysicalMemory({ ram: [{ start: '0x100000', lengthBytes: '0x8000000' }], tableArenaBytes: 0x4000000 });

function configOf({ levels, oa, forceSnoop, forceWriteable, nonCoherent }: Config): SecondStageConfig {
  return {
    levels,
    outputBits: oa,
    forceSnoop: forceSnoop === true,
    forceWriteable: forceWriteable === true,
    nonCoherent: nonCoherent === true,
  };
}

function createTable(memory: PhysicalMemory, config: Config): PageTable {
  const table = PageTable.create(memory, vtdSecondStage, configOf(config));
  if (typeof table === 'string') throw new Error(table);
  return table;
}

describe.each(load<TableVector>('vtdss.jsonl.gz'))('$case', (vector) => {
  it('answers, builds the same entries and walks to the same places', () => {
    const table = createTable(newMemory(), vector.config);
    for (const op of vector.ops) {
      const [iova, size] = [BigInt(op.iova), BigInt(op.size)];
      if (op.op === 'map') {
        const answer = table.map(iova, BigInt(op.pa), size, op.prot);
        expect(answer, JSON.stringify(op)).toBe(op.ret === 0 ? 0 : -ERRNO[op.ret]);
        expect(hex(table.mappedPages * 4096), JSON.stringify(op)).toBe(op.mapped);
      } else expect(hex(table.unmap(iova, size)), JSON.stringify(op)).toBe(op.unmapped);
    }
    const tables = [...table.entries()].map(({ path, index, entry, isTable, targetPage }) => [
      path,
      index,
      isTable ? `T:${hex(entry - (BigInt(targetPage) << 12n))}` : hex(entry),
    ]);
    const byPlace = (entries: unknown[]): string[] => entries.map((e) => JSON.stringify(e)).sort();
    expect(byPlace(tables)).toEqual(byPlace(vector.expect.tables));
    for (const walk of vector.expect.walk) {
      const { iova, ...expected } = walk;
      const result = table.walk(BigInt(iova));
      const seen =
        result.physical === null
          ? { pa: null, level: result.level, fault: result.fault }
          : {
              pa: hex(result.physical),
              level: result.level,
              pageSize: hex(result.pageSize),
              perm: result.permission,
            };
      expect(seen, iova).toEqual(expected);
    }
  });
});

/** CAP of a 48-bit unit with 4 levels and large pages, one fault record at 0x220; ECAP with a queue and IOTLB at 0xf0. */
const CAP_48 = 0xd2008c222f0406n;
const ECAP = 0xf00f4an;
const ECAP_SNOOP_CONTROL = ECAP | (1n << 7n);
const SOURCE = 0x18;

function writeImage(memory: PhysicalMemory, image: Entry[]): number {
  const root = memory.allocateTable();
  const tables = new Map([['', root]]);
  for (const [path, index, text] of image) {
    const page = tables.get(path.join()) as number;
    let entry = BigInt(text.replace('T:', ''));
    if (text.startsWith('T:')) {
      const child = memory.allocateTable();
      tables.set([...path, index].join(), child);
      entry |= BigInt(child) << 12n;
    }
    memory.writeEntry(page, index, entry);
  }
  return root;
}

describe.each(load<FaultVector>('faults-vtdss.jsonl.gz'))('fault $case ($note)', (vector) => {
  it.each(['hardware', 'qemu-7.2'] as const)('in legacy mode, %s', (behaviour) => {
    const memory = newMemory();
    const extendedCapability = vector.config.snoopControl === true ? ECAP_SNOOP_CONTROL : ECAP;
    const unit = new VtdUnit(memory, {
      capability: CAP_48,
      extendedCapability,
      behaviour,
      hostAddressBits: 52,
    });
    const [root, contexts] = [memory.allocateTable(), memory.allocateTable()];
    const tablePage = writeImage(memory, vector.image);
    memory.writeEntry(root, 0, vtd.rootEntry(contexts).low);
    const entry = vtd.contextEntry({ tablePage, translationType: 0, addressWidth: 2, domainId: 1 });
    memory.writeEntry(contexts, SOURCE * 2, entry.low);
    memory.writeEntry(contexts, SOURCE * 2 + 1, entry.high);
    unit.writeRegister(vtd.REGISTER.RTADDR, BigInt(root) << 12n);
    unit.writeRegister(vtd.REGISTER.GCMD, 1n << 30n);
    unit.writeRegister(vtd.REGISTER.GCMD, 1n << 31n);
    const iova = BigInt(vector.access.iova);
    const page = unit.translate(
      SOURCE,
      pageOf(iova),
      vector.access.type === 'r' ? ACCESS_READ : ACCESS_WRITE,
    );
    if (vector.expect.pa === null) {
      const reason = Number(vector.expect.vtd_legacy_reason);
      expect(page).toBe(-reason);
      const access = vector.access.type === 'r' ? 'read' : 'write';
      expect(unit.takeFaults()).toEqual([{ requesterId: SOURCE, iovaPage: pageOf(iova), access, reason }]);
    } else {
      expect(hex((BigInt(page) << 12n) | (iova & 0xfffn))).toBe(vector.expect.pa);
      expect(unit.takeFaults()).toEqual([]);
    }
  });
});
