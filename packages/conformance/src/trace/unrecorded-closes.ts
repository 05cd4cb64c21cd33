/**
 * What a recorder did and wrote no step for, as far as the recording itself proves it.
 *
 * To see whether a device can still be opened while its unbind or removal waits, the recorder opened it. The wait ends
 * only when every descriptor of the device is closed; where the recording says that it ended, and no step closes the
 * descriptor or names it again, the recorder had closed it by then. (hotplug/ on kernels that give one out)
 */
import type { Step } from '../grammar/step';

/** A descriptor that is closed, without a step, before the step of that number. */
export interface UnrecordedClose {
  readonly before: number;
  readonly handle: string;
}

/** The closes that the steps of a recorded case imply, in order. */
export function unrecordedCloses(steps: readonly Step[]): UnrecordedClose[] {
  return steps.flatMap((step, opened) => {
    if (step.op !== 'VFIO_GROUP_GET_DEVICE_FD' || step.ret !== 0 || !('dev' in step.args)) return [];
    const { dev } = step.args;
    const handle = step.out?.handle;
    if (handle === undefined || steps.slice(opened + 1).some((later) => names(later, handle))) return [];
    const before = steps.findIndex((later, k) => k > opened && endsWaitFor(later, dev));
    const waits = steps.slice(0, opened).some((earlier) => beginsWaitFor(earlier, dev));
    return waits && before >= 0 ? [{ before, handle }] : [];
  });
}

function names({ args }: Step, handle: string): boolean {
  return Object.values(args as Record<string, unknown>).includes(handle);
}

function beginsWaitFor(step: Step, device: string): boolean {
  if (step.op !== 'sysfs.unbind' && step.op !== 'sysfs.remove') return false;
  return step.args.async === true && step.args.dev === device;
}

function endsWaitFor(step: Step, device: string): boolean {
  if (step.op !== 'sysfs.unbind.done' && step.op !== 'sysfs.remove.done') return false;
  return step.args.dev === device && step.out?.blocked !== true;
}
