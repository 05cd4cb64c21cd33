/**
 * What came of a device's traffic, transaction by transaction, told apart by where it went.
 *
 * `old` and `new`: the page that the domain before, or the one after, has there. `blocked`: refused because the device
 * was on a domain that maps nothing there, or on none, or on its way to or from such a domain. `dropped`: refused
 * although the device only went from one domain that maps something there to another: how the driver writes its
 * entries, not what the core asked of it. `foreign`: any other page.
 */
import type { Transaction } from './transaction';

export interface TrafficReport {
  readonly old: number;
  readonly new: number;
  readonly blocked: number;
  readonly dropped: number;
  readonly foreign: number;
  /**
   * Steps from a transaction that is neither old nor new to the next that is one, added up; null where none followed.
   * 0 where all were old or new.
   */
  readonly blackout: number | null;
}

type Class = 'old' | 'new' | 'blocked' | 'dropped' | 'foreign';

/** @param after the page of each iova page in the domain that the device has in the end, -1 for none */
export function reportOf(
  transactions: readonly Transaction[],
  after: (iovaPage: number) => number,
): TrafficReport {
  const classes = classesOf(transactions, after);
  const counts = { old: 0, new: 0, blocked: 0, dropped: 0, foreign: 0 };
  for (const one of classes) counts[one]++;
  return { ...counts, blackout: blackoutOf(transactions, classes) };
}

function classesOf(transactions: readonly Transaction[], after: (iovaPage: number) => number): Class[] {
  const classes: Class[] = [];
  for (let k = 0; k < transactions.length; ) {
    const one = transactions[k] as Transaction;
    if (one.page >= 0) {
      classes.push(reached(one, after));
      k++;
      continue;
    }
    // Refused ones that follow each other have one cause.
    const rest = transactions.slice(k);
    const length = rest.findIndex(({ page }) => page >= 0);
    const run = length < 0 ? rest : rest.slice(0, length);
    const refused = run.every(({ changing }) => changing) ? 'dropped' : 'blocked';
    for (const _ of run) classes.push(refused);
    k += run.length;
  }
  return classes;
}

function reached(
  { page, iovaPage, before, leadsTo }: Transaction,
  after: (iovaPage: number) => number,
): Class {
  if (page === before) return 'old';
  return page === leadsTo || page === after(iovaPage) ? 'new' : 'foreign';
}

function blackoutOf(transactions: readonly Transaction[], classes: readonly Class[]): number | null {
  let steps = 0;
  let since: number | null = null;
  for (const [k, one] of classes.entries()) {
    const { step } = transactions[k] as Transaction;
    const through = one === 'old' || one === 'new';
    if (!through) since ??= step;
    else if (since !== null) {
      steps += step - since;
      since = null;
    }
  }
  return since === null ? steps : null;
}
