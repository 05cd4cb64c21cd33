// A reference that is taken too late: between the look into the table and get(), the last reference can go.
import {
  Cell,
  columns,
  counterexampleOf,
  explore,
  KernelObject,
  Mutex,
  program,
  Refcount,
} from '@iommu-lab/explorer';

class Session extends KernelObject {
  constructor(world) {
    super(world, 'session', 'one');
    this.references = new Refcount(this, 'references', 1); // the table's
    this.data = new Cell(this, 'data', 'hello');
  }

  *put() {
    if (yield* this.references.put()) yield* this.free();
  }
}

const sessions = (id, locked) =>
  program(id, (world) => {
    const lock = new Mutex(world, 'table.lock');
    const table = new Cell(world, 'table', new Session(world), locked ? lock : null);

    function* look() {
      if (locked) yield* lock.lock();
      const session = yield* table.load();
      if (session !== null) yield* session.references.get();
      if (locked) yield* lock.unlock();
      if (session === null) return;
      yield* session.data.load();
      yield* session.put();
    }
    function* close() {
      if (locked) yield* lock.lock();
      const session = yield* table.load();
      yield* table.store(null);
      if (locked) yield* lock.unlock();
      yield* session.put();
    }
    return {
      threads: [
        { name: 'look', body: look },
        { name: 'close', body: close },
      ],
    };
  });

export const broken = sessions('reference taken too late', false);
export const repaired = sessions('reference taken under the lock', true);

for (const given of [broken, repaired]) {
  const { verdict, reason, findings } = explore(given);
  console.log(`${given.id}: ${verdict}, ${reason}`);
  for (const finding of findings) {
    const { story, remedy, token, threads, events } = counterexampleOf(given, finding);
    console.log(`${finding.kind}, in ${finding.executions} executions: ${story.join('; ')}`);
    if (remedy !== null) console.log(`remedy: ${remedy}`);
    console.log(columns(threads, events, 100).join('\n'));
    console.log(`token: ${token}`);
  }
}
