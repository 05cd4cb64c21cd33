/** The thread's scenario in Promela: Spin's verdicts on its nine forms are the explorer's. */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { explore } from '../src/index';
import { FORMS, thread } from './programs/thread';
import { runSpin, spinMissing } from './promela/spin';

// A search takes a fraction of a second, compiling it takes several on a busy machine.
vi.setConfig({ testTimeout: 240_000 });
const missing = spinMissing();
const MODEL = join(import.meta.dirname, 'promela/vfio.pml');

/** What each form is called in the model. */
const DEFINES: Readonly<Record<string, readonly string[]>> = {
  bus: ['FORM=BUS'],
  'bus-unload': ['FORM=BUS_UNLOAD'],
  device: ['FORM=DEVICE'],
  'device-mutex': ['FORM=DEVICE_MUTEX'],
  'device-reference-mutex': ['FORM=DEVICE_REFERENCE_MUTEX'],
  'device-reference-trylock': ['FORM=DEVICE_REFERENCE_TRYLOCK'],
  'vfio-device-lock': ['FORM=VFIO_DEVICE_LOCK'],
  group: ['FORM=GROUP'],
  'group-viability': ['FORM=GROUP', 'VIABILITY'],
};

describe("Spin's verdict", () => {
  it.for(FORMS)('is the same: $id', async (form, context) => {
    context.skip(missing !== null, missing ?? '');
    const { assertion, deadlock, states } = runSpin(MODEL, DEFINES[form.id] as readonly string[]);
    const { verdict, findings } = explore(thread(form));
    const kinds = findings.map(({ kind }) => kind);
    expect(verdict).toBe('COMPLETE');
    expect({ assertion, deadlock }).toEqual({
      assertion: kinds.some((kind) => kind === 'use-after-free' || kind === 'invariant'),
      deadlock: kinds.includes('deadlock'),
    });
    await context.annotate(`${states} states`);
  });
});
