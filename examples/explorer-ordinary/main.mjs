// The same kind of code called the ordinary way: one call after the other, no interleavings.
import { Cell, KernelObject, Mutex, World } from '@iommu-lab/explorer';

const world = new World();
const account = new KernelObject(world, 'account');
const lock = new Mutex(account, 'lock');
const balance = new Cell(account, 'balance', 0, lock);

const result = world.call('deposit', function* () {
  yield* lock.lock();
  yield* balance.store((yield* balance.load()) + 5);
  yield* lock.unlock();
});
console.log(result.status, balance.value, world.steps); // returned 5 2
