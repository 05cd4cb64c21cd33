// A bank account: two customers withdraw at once. Whether there is enough is asked in one step, and taken in another.
import { AtomicInteger, Cell, columns, counterexampleOf, explore, Mutex, program } from '@iommu-lab/explorer';

const OPENING = 100;

class Account {
  constructor(world, guarded) {
    this.lock = new Mutex(world, 'account.lock');
    this.balance = new Cell(world, 'account.balance', OPENING, guarded ? this.lock : null);
    this.paid = new AtomicInteger(world, 'account.paid');
  }

  *withdraw(amount) {
    const balance = yield* this.balance.load();
    if (balance < amount) return;
    yield* this.balance.store(balance - amount);
    yield* this.paid.add(amount);
  }

  *withdrawLocked(amount) {
    yield* this.lock.lock();
    yield* this.withdraw(amount);
    yield* this.lock.unlock();
  }
}

const bank = (id, withdraw) =>
  program(id, (world) => {
    const account = new Account(world, withdraw === 'withdrawLocked');
    return {
      threads: ['alice', 'bob'].map((name) => ({ name, body: () => account[withdraw](60) })),
      atEnd: () => {
        const sum = account.balance.value + account.paid.value;
        if (sum !== OPENING) world.report('invariant', `balance and payments add up to ${sum}`, 'account');
      },
    };
  });

export const broken = bank('bank account', 'withdraw');
export const repaired = bank('bank account with a lock', 'withdrawLocked');

for (const account of [broken, repaired]) {
  const { verdict, reason, findings } = explore(account);
  console.log(`${account.id}: ${verdict}, ${reason}`);
  for (const finding of findings) {
    const { story, token, threads, events } = counterexampleOf(account, finding);
    console.log(`${finding.kind}, in ${finding.executions} executions: ${story.join('; ')}`);
    console.log(columns(threads, events, 80).join('\n'));
    console.log(`token: ${token}`);
  }
}
