/** What a cold process does up to its verdict: the thread's scenario, complete. Two arguments: opens and probes. */
import { explore } from '../src/index';
import { thread } from '../test/programs/thread';
import { formOf } from './rates';

const [opens = 1, probes = 1] = process.argv.slice(2).map(Number);
const start = performance.now();
const { verdict, executions } = explore(thread(formOf('group'), { opens, probes }));
console.log(JSON.stringify({ verdict, executions, searchMs: performance.now() - start }));
