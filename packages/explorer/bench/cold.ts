/** What a cold process does up to its verdict: the thread's scenario, complete. */
import { explore } from '../src/index';
import { thread } from '../test/programs/thread';
import { formOf } from './rates';

const { verdict, reason } = explore(thread(formOf('group')));
console.log(`${verdict}: ${reason}`);
