/** Steps on ports whose step before has failed: what it was to name does not exist, and that is no mistake of the case. */
import { referenceVariant } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { Bench, Interpreter, profile, type Step } from '../../src/index';

function interpreter(): Interpreter {
  return new Interpreter(Bench.boot(profile('debian-6.12-intel'), referenceVariant));
}

const begin: Step = { op: 'port.begin', args: { group: 'solo1' }, out: { handle: 'h' } };
const attachNew: Step = { op: 'port.attachNew', args: { handle: 'h' }, out: { id: 'd' } };
const fails: Step = { op: 'inject', args: { operation: 'domain_alloc', call: 1, errno: 'ENOMEM' } };
const onDomain: readonly Step[] = [
  { op: 'port.map', args: { domain: 'd', iova: '0x1000', vaddr: '0x1000', size: '0x1000', flags: 3 } },
  { op: 'port.unmap', args: { domain: 'd', iova: '0x1000', size: '0x1000' } },
  { op: 'port.capable', args: { handle: 'h', domain: 'd', capability: 'cache-coherency' } },
  { op: 'port.move', args: { handle: 'h', from: 'd', to: 'd' } },
  { op: 'port.detach', args: { group: 'solo1', domain: 'd' } },
  { op: 'port.free', args: { domain: 'd' } },
];

describe('a name that a failed step was to give', () => {
  it('is EINVAL for every step that uses it', () => {
    const run = interpreter();
    expect(run.run(begin).errno).toBe(null);
    run.run(fails);
    expect(run.run(attachNew).errno).toBe('ENOMEM');
    expect(onDomain.map((step) => run.run(step).errno)).toEqual(onDomain.map(() => 'EINVAL'));
  });

  it('can be given by a later step, and a later failure does not take it away', () => {
    const run = interpreter();
    run.run(begin);
    run.run(fails);
    run.run(attachNew);
    expect(run.run(attachNew).errno).toBe(null);
    expect(run.run(attachNew).errno).toBe('EBUSY');
    expect(run.run({ op: 'port.detach', args: { group: 'solo1', domain: 'd' } }).errno).toBe(null);
    expect(run.run({ op: 'port.free', args: { domain: 'd' } }).errno).toBe(null);
  });

  it('stays a mistake of the case where no step was to give it', () => {
    expect(() => interpreter().run({ op: 'port.free', args: { domain: 'd' } })).toThrow('no step has named');
  });
});
