/** Scenarios as programs: what the set-up must do, what threads share, what the end looks at. */
import { Execution, type Fiber } from '@iommu-lab/explorer';
import { type EraId, iommuDomainFree, referenceVariant, type Variant } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/input-error';
import { type ScenarioProgram, scenarioProgram, type ThreadAnswers } from '../../src/scenario/program';
import { parseScenario } from '../../src/scenario/scenario';

type Json = Readonly<Record<string, unknown>>;

const container = (handle: string) => ({ op: 'open_container', args: {}, out: { handle } });
const group = (label: string, handle = 'g') => ({
  op: 'open_group',
  args: { group: label },
  out: { handle },
});
const join = { op: 'VFIO_GROUP_SET_CONTAINER', args: { fd: 'g', container: 'c' } };
const setIommu = { op: 'VFIO_SET_IOMMU', args: { fd: 'c', type: 3 } };
const status = { op: 'VFIO_GROUP_GET_STATUS', args: { fd: 'g' } };
const close = (handle: string) => ({ op: 'close', args: { handle } });

function made(setup: readonly Json[], threads: readonly Json[], variant = referenceVariant): ScenarioProgram {
  const document = { id: 'own', title: 'of a test', profile: 'debian-6.12-intel', setup, threads };
  return scenarioProgram(parseScenario(document, 'own'), variant);
}

/** Runs one thread after the other, in this order, and leaves the state as it is. */
function runInTurn(execution: Execution, order: readonly number[]): ThreadAnswers[] {
  execution.start();
  for (const id of order) {
    while ((execution.enabled() >> id) & 1) execution.step(id);
  }
  return execution.fibers.map((fiber: Fiber) => fiber.result as ThreadAnswers);
}

describe('the set-up', () => {
  const threads = [{ name: 'T1', steps: [status] }];

  it.each([
    [[container('c'), setIommu], 'own: field setup[1] VFIO_SET_IOMMU: errno is "EINVAL", expected null'],
    [
      [container('c'), { ...setIommu, ret: 0, errno: null }],
      'own: field setup[1] VFIO_SET_IOMMU: ret is -1, expected 0',
    ],
    [[{ ...status, out: { viable: false } }], 'own: field setup[0] VFIO_GROUP_GET_STATUS: errno is "EBADF"'],
    [
      [{ op: 'port.end', args: { handle: 'h' } }],
      'own: field setup[0] port.end: no step has named a handle "h"',
    ],
    [
      [{ op: 'sysfs.unbind.done', args: { dev: 'hot' } }],
      'own: field setup[0] sysfs.unbind.done: no sysfs.unbind of hot was started',
    ],
    [
      [
        { op: 'port.begin', args: { group: 'solo1' }, out: { handle: 'h' } },
        { op: 'port.attachNew', args: { handle: 'h' }, out: { id: 'd' } },
        { op: 'port.end', args: { handle: 'h' } },
        { op: 'port.free', args: { domain: 'd' } },
      ],
      'own: field setup[3] port.free: I4: device:0000:01:00.0 is attached to iommu_domain#',
    ],
    [
      [
        container('c'),
        group('hot'),
        join,
        setIommu,
        { op: 'VFIO_GROUP_GET_DEVICE_FD', args: { fd: 'g', dev: 'hot' }, out: { handle: 'd' } },
        { op: 'sysfs.remove', args: { dev: 'hot', async: true } },
      ],
      'own: field setup: sysfs.remove still waits when the threads begin',
    ],
  ])('that does not answer as it should is refused: %j', (setup, message) => {
    expect(() => made(setup, threads)).toThrow(InputError);
    expect(() => made(setup, threads)).toThrow(message);
  });

  it('may fail where it says so', () => {
    const failing = { ...setIommu, ret: -1, errno: 'EINVAL' };
    expect(() => made([container('c'), failing], threads)).not.toThrow();
  });

  it('needs a profile that there is, and a kernel that was recorded', () => {
    const document = { id: 'own', title: 't', profile: 'moon', setup: [], threads };
    expect(() => scenarioProgram(parseScenario(document, 'own'), referenceVariant)).toThrow(
      'own: unknown profile "moon"',
    );
    const here = parseScenario({ ...document, profile: 'debian-6.12-intel' }, 'own');
    expect(scenarioProgram(here, referenceVariant, { era: '6.1' }).era).toBe('6.1');
    const unrecorded = { era: '6.6' as EraId };
    expect(() => scenarioProgram(here, referenceVariant, unrecorded)).toThrow(
      'own: no kernel of era 6.6 was recorded on the machine of debian-6.12-intel',
    );
  });
});

describe('threads', () => {
  it('answer step by step, and an execution leaves nothing for the next', () => {
    const T = (name: string) => ({ name, steps: [container('x'), close('x'), close('x')] });
    const execution = new Execution(made([], [T('T1'), T('T2')]));
    const opened = { ret: 0, errno: null };
    const closed = { ret: 0, errno: null, out: {} };
    const refused = { ret: -1, errno: 'EBADF', out: {} };
    for (const order of [
      [0, 1],
      [1, 0],
      [0, 1],
    ]) {
      expect(runInTurn(execution, order)).toEqual([
        [opened, closed, refused],
        [opened, closed, refused],
      ]);
    }
  });

  it('know what the set-up named; what one names itself no other knows', () => {
    const naming = { name: 'T1', steps: [container('mine'), status] };
    const using = { name: 'T2', steps: [{ op: 'VFIO_GET_API_VERSION', args: { fd: 'mine' } }, status] };
    const [first, second] = runInTurn(new Execution(made([group('solo1')], [naming, using])), [0, 1]);
    expect(first?.map(({ errno }) => errno)).toEqual([null, null]);
    expect(second?.map(({ errno }) => errno)).toEqual(['EBADF', null]);
  });

  it('are of one process: what one closes the other has no more', () => {
    const closing = { name: 'T1', steps: [close('g')] };
    const using = { name: 'T2', steps: [status] };
    const execution = new Execution(made([group('solo1')], [closing, using]));
    expect(runInTurn(execution, [0, 1])[1]?.[0]?.errno).toBe('EBADF');
    expect(runInTurn(execution, [1, 0])[1]?.[0]?.errno).toBe(null);
  });

  it('of another process have descriptors of their own, as after a fork', () => {
    const closing = { name: 'T1', process: 'other', steps: [close('g')] };
    const using = { name: 'T2', steps: [status] };
    const execution = new Execution(made([group('solo1')], [closing, using]));
    expect(runInTurn(execution, [0, 1])[1]?.[0]?.errno).toBe(null);
  });

  it('release what their own calls let go of, whatever another thread of the process does meanwhile', () => {
    const program = made(
      [container('c'), group('solo1')],
      [
        { name: 'T1', steps: [join] },
        { name: 'T2', steps: [close('c'), status] },
      ],
    );
    const execution = new Execution(program);
    const freed: string[] = [];
    program.world.listener = ({ name, target, fiber }) => {
      if (name === 'kfree' && target.startsWith('file.vfio-container')) freed.push(fiber);
    };
    const pendingOf = (id: number) => {
      const pending = execution.fibers[id]?.pending;
      return `${pending?.kind?.name} ${pending?.target?.label}`;
    };
    const isPut = (text: string) => text.startsWith('put file.vfio-container');
    execution.start();
    // T1 has both files, T2 closes one of them: T1's reference is the last.
    while (!pendingOf(0).startsWith('mutex_lock ')) execution.step(0);
    while (!isPut(pendingOf(1))) execution.step(1);
    execution.step(1);
    while (!isPut(pendingOf(0))) execution.step(0);
    execution.step(0);
    // T1 is still on its way out of the kernel; T2 makes a whole call.
    while ((execution.enabled() >> 1) & 1) execution.step(1);
    expect(freed).toEqual([]);
    while (execution.enabled() & 1) execution.step(0);
    expect(freed).toEqual(['T1']);
  });

  it('name devices by address, and wait by themselves', () => {
    const program = made(
      [
        container('c'),
        group('pair'),
        join,
        setIommu,
        { op: 'VFIO_GROUP_GET_DEVICE_FD', args: { fd: 'g', dev: '0000:04:01.0' }, out: { handle: 'd' } },
      ],
      [
        { name: 'T1', steps: [close('d')] },
        { name: 'T2', steps: [{ op: 'sysfs.remove', args: { dev: '0000:03:00.0' } }] },
      ],
    );
    const execution = new Execution(program);
    execution.start();
    while ((execution.enabled() >> 1) & 1) execution.step(1);
    expect(execution.unfinished()).toBe(0b11);
    expect(program.system.sysfs.isPresent('pair2')).toBe(true);
    while (execution.enabled() & 1) execution.step(0);
    while ((execution.enabled() >> 1) & 1) execution.step(1);
    expect(execution.unfinished()).toBe(0);
    expect(['pair1', 'pair2', 'bridge'].map((name) => program.system.sysfs.isPresent(name))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('that use a name that nothing gave are a mistake of the scenario, not a finding', () => {
    const execution = new Execution(
      made([], [{ name: 'T1', steps: [{ op: 'port.end', args: { handle: 'h' } }] }]),
    );
    expect(() => runInTurn(execution, [0])).toThrow(
      'own: T1 step 0 port.end: no step has named a handle "h"',
    );
  });
});

describe('the end', () => {
  const steps = [{ name: 'T1', steps: [setIommu] }];
  const setup = [container('c'), group('solo1'), join];

  it('finds nothing where all is given back, and leaves the state as the threads left it', () => {
    const program = made(setup, steps);
    const execution = new Execution(program);
    runInTurn(execution, [0]);
    const { world, system } = program;
    const owned = () => system.kernel.findDevice('solo1')?.group.value?.owner.value !== null;
    const before = world.steps;
    expect(owned()).toBe(true);
    program.atEnd?.();
    expect([owned(), world.steps, world.mode]).toEqual([true, before, 'search']);
    expect(world.violations).toEqual([]);
    execution.finish();
    expect(world.mode).toBe('ordinary');
  });

  it('finds what nobody gives back', () => {
    const { domain } = referenceVariant.ports;
    if (domain === undefined) throw new Error('no domain port');
    const leaking: Variant = {
      ...referenceVariant,
      ports: {
        ...referenceVariant.ports,
        domain: {
          ...domain,
          *attachNew(handle, need) {
            const spare = yield* domain.attachNew(handle, need);
            if (typeof spare === 'string') return spare;
            yield* domain.detach({ group: handle, device: null, deviceLocked: false, members: null }, spare);
            const made = yield* domain.attachNew(handle, need);
            if (typeof made === 'string') yield* iommuDomainFree(spare);
            return made;
          },
        },
      },
    };
    const program = made(setup, steps, leaking);
    runInTurn(new Execution(program), [0]);
    program.atEnd?.();
    const { violations } = program.world;
    expect(new Set(violations.map(({ kind }) => kind))).toEqual(new Set(['leak']));
    expect(violations.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^living iommu_domain: \d+ at boot, \d+ now$/),
    );
  });
});
