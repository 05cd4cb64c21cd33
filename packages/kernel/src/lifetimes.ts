/** Registering and unregistering IOMMUs and buses, loading and unloading their modules. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Bus, Module } from './bus';
import type { Errno } from './errno';
import type { IommuInstance } from './iommu-instance';

/** The IOMMU serves the bus from now on. `@kernel iommu_device_register` */
export const iommuDeviceRegister = kernelFunction(
  'iommu_device_register',
  function* iommuDeviceRegister(instance: IommuInstance, bus: Bus): Op<void> {
    yield* bus.lock.lock();
    yield* bus.iommus.addTail(instance);
    yield* bus.lock.unlock();
  },
);

/** The IOMMU serves the bus no longer; devices that it has stay with it. `@kernel iommu_device_unregister` */
export const iommuDeviceUnregister = kernelFunction(
  'iommu_device_unregister',
  function* iommuDeviceUnregister(instance: IommuInstance, bus: Bus): Op<void> {
    yield* bus.lock.lock();
    yield* bus.iommus.remove(instance);
    yield* bus.lock.unlock();
  },
);

/** The bus and its structure go. EBUSY: it still has devices, or its module is built in. `@kernel bus_unregister` */
export const busUnregister = kernelFunction('bus_unregister', function* busUnregister(bus: Bus): Op<
  0 | Errno
> {
  if (bus.module.builtIn) return 'EBUSY';
  yield* bus.lock.lock();
  const inUse = (yield* bus.devices.load()).length > 0;
  yield* bus.lock.unlock();
  if (inUse) return 'EBUSY';
  yield* bus.free();
  return 0;
});

/** Unloads a module. EBUSY: built in or in use. `@kernel delete_module` */
export const moduleUnload = kernelFunction('delete_module', function* moduleUnload(module: Module): Op<
  0 | Errno
> {
  if (module.builtIn || (yield* module.refs.read()) !== 1) return 'EBUSY';
  yield* module.refs.put();
  yield* module.free();
  return 0;
});
