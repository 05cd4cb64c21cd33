import { Container, MEMORY, MIB } from './container';
const c = new Container(); c.memory(MEMORY, MIB);
const k=c.kernel, w=k.world;
if (process.argv[2]==='noinv') w.invariants.splice(0);
const t=performance.now();
for (let i=0;i<1000000;i++) k.call('x', function*(){ return 0; }, c.task);
console.log(((performance.now()-t)).toFixed(0),'ns');
