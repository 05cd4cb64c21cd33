// Two transfers in opposite directions: each locks the account that it takes from first, and that can deadlock.
import { Cell, columns, counterexampleOf, explore, Mutex, program } from '@iommu-lab/explorer';

class Account {
  constructor(world, name, balance) {
    this.name = name;
    this.lock = new Mutex(world, `${name}.lock`);
    this.balance = new Cell(world, `${name}.balance`, balance, this.lock);
  }
}

const byPayer = (from, to) => [from, to];
const byName = (from, to) => (from.name < to.name ? [from, to] : [to, from]);

function* transfer(from, to, amount, order) {
  const [first, second] = order(from, to);
  yield* first.lock.lock();
  yield* second.lock.lock();
  yield* from.balance.store((yield* from.balance.load()) - amount);
  yield* to.balance.store((yield* to.balance.load()) + amount);
  yield* second.lock.unlock();
  yield* first.lock.unlock();
}

const transfers = (id, order) =>
  program(id, (world) => {
    const savings = new Account(world, 'savings', 100);
    const current = new Account(world, 'current', 50);
    return {
      threads: [
        { name: 'saving', body: () => transfer(current, savings, 10, order) },
        { name: 'spending', body: () => transfer(savings, current, 20, order) },
      ],
      atEnd: () => {
        const sum = savings.balance.value + current.balance.value;
        if (sum !== 150) world.report('invariant', `there are ${sum} in all`, 'accounts');
      },
    };
  });

export const broken = transfers('the payer first', byPayer);
export const repaired = transfers('in the order of their names', byName);

for (const given of [broken, repaired]) {
  const { verdict, reason, deadlocks, findings } = explore(given);
  console.log(`${given.id}: ${verdict}, ${reason}; ${deadlocks} of them deadlock`);
  for (const finding of findings) {
    const { story, token, threads, events } = counterexampleOf(given, finding);
    console.log(`${finding.kind}: ${story.join('; ')}`);
    console.log(columns(threads, events, 80).join('\n'));
    console.log(`token: ${token}`);
  }
}
