/** Injected failures, and modules and buses that come and go. */
import { UsageError } from '@iommu-lab/explorer';
import {
  busUnregister,
  INJECTABLE_OPERATIONS,
  type InjectableOperation,
  inject,
  iommuDeviceRegister,
  type Module,
  moduleUnload,
} from '@iommu-lab/kernel';
import type { Context } from '../context';
import type { CaseHandlers, Handlers } from '../handlers';

export const moduleHandlers: Handlers<'module.unload' | 'bus.register' | 'bus.unregister'> = {
  'module.unload': (context, { module }) => context.answerOf(moduleUnload(moduleOf(context, module))),

  *'bus.register'(context) {
    const { iommu, pciBus } = context.system.kernel;
    if (iommu === null) return { ret: -1, errno: 'ENODEV' };
    return yield* context.answerOf(iommuDeviceRegister(iommu, pciBus));
  },

  'bus.unregister': (context) => context.answerOf(busUnregister(context.system.kernel.pciBus)),
};

export const faultHandlers: CaseHandlers<'inject' | 'module.load'> = {
  inject: (context, { operation, dev, call, errno }) => {
    if (!isInjectable(operation)) {
      throw new UsageError(
        `${operation} cannot be made to fail; there are: ${INJECTABLE_OPERATIONS.join(', ')}`,
      );
    }
    const device = dev === undefined ? null : context.addressOf(dev);
    inject(context.system.kernel, { operation, device, passes: call - 1, errno });
    return { ret: 0, errno: null };
  },

  // Modules of the profiles that run today are loaded when the kernel boots: loading one again changes nothing.
  'module.load': (context, { module }) => {
    moduleOf(context, module);
    return { ret: 0, errno: null };
  },
};

function isInjectable(operation: string): operation is InjectableOperation {
  return (INJECTABLE_OPERATIONS as readonly string[]).includes(operation);
}

function moduleOf(context: Context, name: string): Module {
  const { iommu, pciBus } = context.system.kernel;
  const modules = [pciBus.module, context.system.vfio.pciModule, ...(iommu === null ? [] : [iommu.module])];
  const module = modules.find((one) => one.name === name);
  if (module === undefined) throw new UsageError(`there is no module "${name}"`);
  return module;
}
