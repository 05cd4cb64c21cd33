import { Container, MEMORY, MIB } from './container';
const c = new Container(); c.memory(MEMORY, MIB);
function time(name: string, n: number, f: () => void) { for (let i=0;i<n/10;i++) f(); const t=performance.now(); for (let i=0;i<n;i++) f(); console.log(name, ((performance.now()-t)/n*1e6).toFixed(0),'ns'); }
const k=c.kernel, w=k.world;
time('empty call', 300000, () => { k.call('x', function*(){ return 0; }, c.task); });
const inv = w.invariants.splice(0);
time('empty call no invariants', 300000, () => { k.call('x', function*(){ return 0; }, c.task); });
const i=c.iommu;
time('100 loads locked', 30000, () => { k.call('x', function*(){ yield* i.lock.lock(); for(let j=0;j<100;j++) yield* i.dmaAvail.load(); yield* i.lock.unlock(); }, c.task); });
time('100 stores locked', 30000, () => { k.call('x', function*(){ yield* i.lock.lock(); for(let j=0;j<100;j++) yield* i.dmaAvail.store(5); yield* i.lock.unlock(); }, c.task); });
time('100 reads locked', 30000, () => { k.call('x', function*(){ yield* i.lock.lock(); for(let j=0;j<100;j++) yield* i.dmas.read((t)=>t.size); yield* i.lock.unlock(); }, c.task); });
time('100 lock+unlock', 30000, () => { k.call('x', function*(){ for(let j=0;j<100;j++) { yield* i.lock.lock();  yield* i.lock.unlock();} }, c.task); });
const m = c.task.mm;
time('100 downWrite', 30000, () => { k.call('x', function*(){ for(let j=0;j<100;j++) { yield* m.mmapLock.downWrite();  yield* m.mmapLock.upWrite();} }, c.task); });
time('100 grab/drop', 30000, () => { k.call('x', function*(){ for(let j=0;j<100;j++) { yield* m.grab();  yield* m.drop();} }, c.task); });
w.invariants.push(...inv);
console.log(process.version);
