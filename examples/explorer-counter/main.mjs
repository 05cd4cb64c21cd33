// Two threads increment a counter that nothing protects: every interleaving, and the one that loses an update.
import { Cell, counterexampleOf, explore, program } from '@iommu-lab/explorer';

export const counter = program('counter', (world) => {
  const count = new Cell(world, 'count', 0);
  function* increment() {
    const before = yield* count.load();
    yield* count.store(before + 1);
  }
  return {
    threads: [
      { name: 'a', body: increment },
      { name: 'b', body: increment },
    ],
    atEnd: () => {
      if (count.value !== 2) world.report('invariant', `the count is ${count.value}`, 'count');
    },
  };
});

const { verdict, reason, findings } = explore(counter);
console.log(`${verdict}: ${reason}`);
for (const finding of findings) {
  const { story, token } = counterexampleOf(counter, finding);
  console.log(`${finding.kind} in ${finding.executions} of them: ${story.join('; ')} (${token})`);
}
