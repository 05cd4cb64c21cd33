/** One transaction of a device that does DMA by itself, and what was true when it was made. */
export interface Transaction {
  /** How many scheduling points the world had performed. */
  readonly step: number;
  readonly iovaPage: number;
  /** The physical page that it reached; negative where it was refused. */
  readonly page: number;
  /** The page of the domain that the device was on when the traffic began, or that it is being moved from; -1 for none. */
  readonly before: number;
  /** The page of the domain that it is being moved to, -1 for none. */
  readonly leadsTo: number;
  /**
   * Whether the device was between two domains: the driver had taken its entries away, or has not said yet that it has,
   * and the core has it on a domain.
   */
  readonly changing: boolean;
}
