/** A VT-d unit as its driver sees it. `@kernel struct intel_iommu` */
import type { Machine, VtdUnit } from '@iommu-lab/core';
import { Cell, Mutex } from '@iommu-lab/explorer';
import type { Module } from '../../bus';
import { IommuDomain } from '../../domain';
import { IommuInstance } from '../../iommu-instance';
import type { Kernel } from '../../kernel';
import type { IommuDriver } from '../iommu-driver';
import { type IntelCapabilities, readCapabilities } from './capabilities';
import type { AttachmentRecord } from './records-by-address';

export class IntelIommu extends IommuInstance {
  /** Guards the unit's tables and its domain ids. */
  readonly lock: Mutex;
  /** What the unit's capability registers say, read once. */
  readonly capabilities: IntelCapabilities;
  /** What only the address of a device leads to; empty but on 5.10. */
  readonly records: Cell<readonly AttachmentRecord[]>;
  /** Domain ids in use. */
  readonly domainIds: Cell<readonly number[]>;
  /** Page of the root table, as written to the unit's RTADDR. */
  readonly rootTable: number;
  /** Page of the invalidation queue, as written to the unit's IQA. */
  readonly queuePage: number;
  /** The driver's domain that translates nothing and allows everything. Static: never freed. */
  readonly staticIdentity: IommuDomain;
  /** The driver's domain that refuses everything; not every era uses it. Static: never freed. */
  readonly staticBlocked: IommuDomain;

  constructor(
    kernel: Kernel,
    name: string,
    driver: IommuDriver,
    readonly unit: VtdUnit,
    readonly machine: Machine,
    module: Module,
  ) {
    super(kernel, name, driver, module);
    this.lock = new Mutex(this, 'lock', 'intel_iommu.lock');
    this.domainIds = new Cell<readonly number[]>(this, 'domain_ida', [], this.lock);
    this.records = new Cell<readonly AttachmentRecord[]>(this, 'device_domain_list', []);
    this.capabilities = readCapabilities(unit);
    this.staticIdentity = new IommuDomain(kernel, 'IDENTITY', driver, null, `${name}.identity`);
    this.staticBlocked = new IommuDomain(kernel, 'BLOCKED', driver, null, `${name}.blocked`);
    this.rootTable = machine.memory.allocateTable();
    this.queuePage = machine.memory.allocateTable();
  }
}
