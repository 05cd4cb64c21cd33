/**
 * Devices that do DMA by themselves, without pause: after each step of an ordinary call every one of them makes one
 * transaction, a page at a time over its range. No clock: a step is the only unit of time.
 *
 * The transactions go the hardware's way, caches and faults included. Leaves out: the command register (such a device
 * was left running, by whom does not matter), interrupts, and searches, where a thread drives a device instead.
 */
import { ACCESS_READ, ACCESS_WRITE, DmaTransfer, type PciFunction } from '@iommu-lab/core';
import type { ExternalState } from '@iommu-lab/explorer';
import { judgeDma, pageInDomain } from '../hw/dma-invariants';
import type { Kernel } from '../kernel';
import { reportOf, type TrafficReport } from './report';
import type { Transaction } from './transaction';

const PATTERN = 0xa5;

/** Where a device reads or writes. */
export interface TrafficRange {
  readonly firstIovaPage: number;
  /** At least 1. */
  readonly pages: number;
  readonly access: 'read' | 'write';
}

interface Agent {
  readonly function_: PciFunction;
  readonly range: TrafficRange;
  /** By page of the range: where the domain at the start led. */
  readonly atStart: readonly number[];
  readonly transactions: Transaction[];
  /** Breaches of an invariant that were reported: each is said once. */
  readonly reported: Set<string>;
}

/** What `checkpoint` keeps of an agent; its log only grows. */
interface Kept {
  readonly agent: Agent;
  readonly transactions: number;
  readonly reported: readonly string[];
}

/** Bytes of a page that a transaction moves. */
const TRANSACTION_BYTES = 64;

export class Traffic implements ExternalState {
  /** By address. */
  readonly #agents = new Map<string, Agent>();

  constructor(private readonly kernel: Kernel) {
    kernel.world.attach(this);
  }

  /** Addresses of the devices that do DMA now. */
  get running(): readonly string[] {
    return [...this.#agents.keys()];
  }

  /** The device begins, with one transaction at once; one that runs begins anew. */
  start(function_: PciFunction, range: TrafficRange): void {
    const domain = this.kernel.deviceSlot(function_.address)?.value?.attachedDomain.value ?? null;
    const atStart = Array.from({ length: range.pages }, (_, k) =>
      this.#pageIn(domain, range.firstIovaPage + k),
    );
    const agent: Agent = { function_, range, atStart, transactions: [], reported: new Set() };
    this.#agents.set(function_.address, agent);
    this.#listen();
    this.#transact(agent);
  }

  /** One more transaction, then it ends; null where the device at `address` did nothing. Takes the faults from the unit. */
  stop(address: string): TrafficReport | null {
    const agent = this.#agents.get(address);
    if (agent === undefined) return null;
    this.#transact(agent);
    this.#agents.delete(address);
    this.#listen();
    this.kernel.machine.unit?.takeFaults();
    const domain = this.kernel.deviceSlot(address)?.value?.attachedDomain.value ?? null;
    return reportOf(agent.transactions, (iovaPage) => this.#pageIn(domain, iovaPage));
  }

  checkpoint(): readonly Kept[] {
    return [...this.#agents.values()].map((agent) => ({
      agent,
      transactions: agent.transactions.length,
      reported: [...agent.reported],
    }));
  }

  restore(checkpoint: unknown): void {
    this.#agents.clear();
    for (const { agent, transactions, reported } of checkpoint as readonly Kept[]) {
      agent.transactions.length = transactions;
      agent.reported.clear();
      for (const one of reported) agent.reported.add(one);
      this.#agents.set(agent.function_.address, agent);
    }
    this.#listen();
  }

  digest(): number {
    return this.#agents.size;
  }

  /** Costs nothing while no device is running. */
  #listen(): void {
    this.kernel.world.afterStep = this.#agents.size === 0 ? null : this.#step;
  }

  readonly #step = (): void => {
    for (const agent of this.#agents.values()) this.#transact(agent);
  };

  /** Makes the agent's next transaction. */
  #transact({ function_, range, atStart, transactions, reported }: Agent): void {
    const { world } = this.kernel;
    const index = transactions.length % range.pages;
    const iovaPage = range.firstIovaPage + index;
    const page = this.#perform(function_, iovaPage, range.access);
    const device = this.kernel.deviceSlot(function_.address)?.value ?? null;
    const group = device?.group.value ?? null;
    const change = group?.change.value ?? null;
    const attached = device?.attachedDomain.value ?? null;
    const onDomain =
      attached === null ? (group?.domain.value ?? null) !== null : this.#pageIn(attached, iovaPage) >= 0;
    transactions.push({
      step: world.steps,
      iovaPage,
      page,
      before: change === null ? (atStart[index] as number) : this.#pageIn(change.from, iovaPage),
      leadsTo: change === null ? -1 : this.#pageIn(change.to, iovaPage),
      changing: onDomain,
    });
    const wrong = judgeDma(this.kernel, function_.address, iovaPage, page);
    if (wrong === null || reported.has(wrong)) return;
    reported.add(wrong);
    world.report('invariant', wrong, null);
  }

  /** The page that the transaction reached, negative where it was refused. */
  #perform(function_: PciFunction, iovaPage: number, access: 'read' | 'write'): number {
    const { memory, unit, pci } = this.kernel.machine;
    const buffer = new Uint8Array(TRANSACTION_BYTES).fill(PATTERN);
    const requesterId = pci.dmaRequesterId(function_);
    const kind = access === 'write' ? ACCESS_WRITE : ACCESS_READ;
    const iova = BigInt(iovaPage) << 12n;
    return new DmaTransfer(memory, unit, requesterId, kind, iova, buffer).step().physicalPage;
  }

  #pageIn(domain: Parameters<typeof pageInDomain>[0], iovaPage: number): number {
    // Without an IOMMU every bus address is a physical one.
    return this.kernel.machine.unit === null ? iovaPage : pageInDomain(domain, iovaPage);
  }
}
