/** Claims whose experiment is not built yet, each with its subject. */

export interface PendingClaim {
  readonly id: string;
  readonly by: string;
  readonly subject: string;
}

const pending = (id: string, by: string, subject: string): PendingClaim => ({ id, by, subject });

const BAOLU = 'Lu Baolu';
const JASON = 'Jason Gunthorpe';
const ROBIN = 'Robin Murphy';
const JOERG = 'Joerg Roedel';
const ALEX = 'Alex Williamson';

export const PENDING_CLAIMS: readonly PendingClaim[] = [
  pending('CL-01', BAOLU, 'drivers in the kernel need no group object to have an address space of their own'),
  pending(
    'CL-02',
    BAOLU,
    'with ownership and an attach count two drivers of one group keep it in one address space',
  ),
  pending(
    'CL-03',
    BAOLU,
    'between SET_CONTAINER and the attach another module can attach its own domain; replace closes that',
  ),
  pending('CL-05', BAOLU, 'assignment to user space must use groups, or isolation is lost'),
  pending('CL-07', JASON, 'the bus pointer of the existing code can go stale in the same way'),
  pending('CL-09', JASON, 'allocating and attaching in two calls leaves a window, in one call it does not'),
  pending('CL-10', JASON, 'what VFIO must guarantee for each design, counted'),
  pending(
    'CL-13',
    JASON,
    'a capability that is checked before the attach can change until then; a flag of the attach cannot',
  ),
  pending(
    'CL-14',
    JASON,
    'allocating with the device descriptor makes no difference that matters to user space',
  ),
  pending('CL-15', JASON, 'ownership without a domain, as POWER has it'),
  pending('CL-17', JASON, "a driver's flag does what the attach count does"),
  pending('CL-18', JASON, 'a bound driver needs no reference to its group'),
  pending(
    'CL-19',
    JASON,
    'an argument that is a device survives groups of two levels, one that is a group does not',
  ),
  pending('CL-20', JASON, 'replacing one identity domain by another leaves the DMA of a sibling alone'),
  pending('CL-26', ROBIN, 'a bus with two kinds of IOMMU'),
  pending('CL-27', ROBIN, 'the smallest machine where a capability of the bus is wrong for a device'),
  pending('CL-28', ROBIN, 'no switch of domains at all, with a PASID table in the default domain'),
  pending('CL-30', ROBIN, 'a domain that was allocated for the first member fits all'),
  pending('CL-31', JOERG, "a device's driver that detaches it changes its siblings without knowing"),
  pending('CL-32', JOERG, 'sub-groups of one requester id'),
  pending('CL-33', JOERG, 'no interface can give two devices of one requester id two address spaces'),
  pending('CL-34', JOERG, 'attaching a group that VFIO has fails'),
  pending('CL-35', ALEX, 'an interface of the group has fewer error states than pinning a device'),
  pending('CL-37', 'Kevin Tian', 'a bus pointer that is kept from the start'),
];
