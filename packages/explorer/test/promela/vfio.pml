/*
 * The scenario of the mailing-list thread for Spin: the twin of ../programs/thread.ts. What is one event there (an
 * access, a lock, a reference, a free) is one atomic step here; choices on a process's own variables are steps of
 * Spin's that touch nothing shared.
 *
 *   -DFORM=...     how SET_IOMMU gets its domain, see below
 *   -DVIABILITY    the group is looked at once instead of claimed
 *   -DOPENS=...    how often the user sets the IOMMU and closes; default 1
 *   -DPROBES=...   how often the sibling is probed; default 1
 *
 * An assertion that fails is a use after free, or DMA of a kernel driver through the user's domain. Devices: 0 is
 * unplugged, 1 is its sibling.
 */
#define BUS 0
#define BUS_UNLOAD 1
#define DEVICE 2
#define DEVICE_MUTEX 3
#define DEVICE_REFERENCE_MUTEX 4
#define DEVICE_REFERENCE_TRYLOCK 5
#define VFIO_DEVICE_LOCK 6
#define GROUP 7

#ifndef OPENS
#define OPENS 1
#endif
#ifndef PROBES
#define PROBES 1
#endif

#define NONE 2
#define DEFAULT_DOMAIN 1
#define USER_DOMAIN 2

bool groupMutex, containerLock, iommuLock, deviceListLock;
bool deviceMutex[2], freed[2], bound1;
bool listed[2], inGroup[2];
byte references[2];
bool busUnloaded, vfioKnowsDevice = true, inContainer, userOwnsGroup, kernelUses;
byte groupDomain = DEFAULT_DOMAIN;

#define LOCK(lock) atomic { !lock -> lock = true }
#define UNLOCK(lock) lock = false

/* Any access to a member of a device. */
#define TOUCH(device) assert(!freed[device])
#define LOCK_DEVICE(device) atomic { !deviceMutex[device] -> TOUCH(device); deviceMutex[device] = true }
#define UNLOCK_DEVICE(device) d_step { TOUCH(device); deviceMutex[device] = false }
#define LOAD_BUS(device) TOUCH(device)
#define ALLOCATE_DOMAIN assert(!busUnloaded)
#define LOAD_GROUP(device) d_step { TOUCH(device); member = inGroup[device] }
#define GET(device) d_step { TOUCH(device); references[device]++ }

inline put(device) {
  d_step { TOUCH(device); references[device]--; last = (references[device] == 0) };
  if
  :: last -> d_step { TOUCH(device); freed[device] = true }
  :: else
  fi
}

inline firstDevice() {
  if
  :: d_step { listed[0] -> picked = 0 }
  :: !listed[0];
     if
     :: d_step { listed[1] -> picked = 1 }
     :: d_step { !listed[1] -> picked = NONE }
     fi
  fi
}

inline lookAtBusIfListed(device) {
  if
  :: listed[device] -> LOAD_BUS(device)
  :: !listed[device]
  fi
}

inline setGroupDomain(domain) {
  LOCK(groupMutex);
  lookAtBusIfListed(0);
  lookAtBusIfListed(1);
  groupDomain = domain;
  UNLOCK(groupMutex)
}

/* Allocates for the picked device and attaches its group, if it is in one still. */
inline allocateAndAttach() {
  LOAD_BUS(picked);
  ALLOCATE_DOMAIN;
  LOAD_GROUP(picked);
  if
  :: member -> setGroupDomain(USER_DOMAIN); attached = true
  :: else
  fi
}

/* With the device's mutex and a reference, both of which are given up. */
inline attachReferenced() {
  LOAD_GROUP(picked);
  if
  :: member -> allocateAndAttach()
  :: else
  fi;
  UNLOCK_DEVICE(picked);
  put(picked)
}

inline pickDevice() {
  LOCK(groupMutex);
  firstDevice();
#if FORM == DEVICE_REFERENCE_MUTEX || FORM == DEVICE_REFERENCE_TRYLOCK
  if
  :: picked != NONE -> GET(picked)
  :: else
  fi;
#endif
  UNLOCK(groupMutex)
}

inline attach() {
  attached = false;
#if FORM == BUS || FORM == BUS_UNLOAD
  LOCK(groupMutex);
  firstDevice();
  if
  :: picked != NONE -> LOAD_BUS(picked)
  :: else
  fi;
  UNLOCK(groupMutex);
  if
  :: picked != NONE -> ALLOCATE_DOMAIN; setGroupDomain(USER_DOMAIN); attached = true
  :: else
  fi
#elif FORM == GROUP
  LOCK(groupMutex);
  firstDevice();
  if
  :: picked != NONE -> LOAD_BUS(picked); ALLOCATE_DOMAIN
  :: else
  fi;
  UNLOCK(groupMutex);
  if
  :: picked != NONE -> setGroupDomain(USER_DOMAIN); attached = true
  :: else
  fi
#elif FORM == VFIO_DEVICE_LOCK
  LOCK(deviceListLock);
  if
  :: d_step { vfioKnowsDevice -> picked = 0 }; allocateAndAttach()
  :: !vfioKnowsDevice
  fi;
  UNLOCK(deviceListLock)
#else
  pickDevice();
  if
  :: picked == NONE
  :: else ->
#if FORM == DEVICE
     allocateAndAttach()
#elif FORM == DEVICE_MUTEX
     LOCK_DEVICE(picked);
     allocateAndAttach();
     UNLOCK_DEVICE(picked)
#elif FORM == DEVICE_REFERENCE_MUTEX
     LOCK_DEVICE(picked);
     attachReferenced()
#else
     d_step { TOUCH(picked); locked = !deviceMutex[picked]; deviceMutex[picked] = true };
     if
     :: locked -> attachReferenced()
     :: else -> put(picked)
     fi
#endif
  fi
#endif
}

inline claimForUser() {
#ifdef VIABILITY
  mayUse = !bound1
#else
  LOCK(groupMutex);
  if
  :: d_step { !kernelUses -> mayUse = true }; userOwnsGroup = true
  :: d_step { kernelUses -> mayUse = false }
  fi;
  UNLOCK(groupMutex)
#endif
}

init {
  d_step {
    listed[0] = true; listed[1] = true;
    inGroup[0] = true; inGroup[1] = true;
    references[0] = 1; references[1] = 1
  };
  atomic { run user(); run unplug(); run probe() }
}

inline setIommuAndClose() {
  LOCK(containerLock);
  claimForUser();
  if
  :: mayUse ->
     inContainer = true;
     LOCK(iommuLock);
     attach();
     UNLOCK(iommuLock);
     UNLOCK(containerLock);
     LOCK(containerLock);
     if
     :: attached -> LOCK(iommuLock); setGroupDomain(DEFAULT_DOMAIN); UNLOCK(iommuLock)
     :: else
     fi;
#ifndef VIABILITY
     LOCK(groupMutex);
     userOwnsGroup = false;
     UNLOCK(groupMutex);
#endif
     inContainer = false
  :: else
  fi;
  UNLOCK(containerLock)
}

proctype user() {
  byte picked = NONE, round;
  bool attached, member, last, locked, mayUse;
  do
  :: round < OPENS -> round++; setIommuAndClose()
  :: else -> break
  od
}

proctype unplug() {
  bool last;
  LOCK_DEVICE(0);
  LOCK(deviceListLock);
  vfioKnowsDevice = false;
  UNLOCK(deviceListLock);
  !inContainer;
  TOUCH(0); /* the driver is unbound */
  UNLOCK_DEVICE(0);
  LOCK(groupMutex);
  listed[0] = false;
  d_step { TOUCH(0); inGroup[0] = false };
  UNLOCK(groupMutex);
  put(0);
#if FORM == BUS_UNLOAD
  busUnloaded = true
#endif
}

inline probeSibling() {
  mayUse = true;
  LOCK_DEVICE(1);
#ifndef VIABILITY
  LOCK(groupMutex);
  if
  :: userOwnsGroup -> mayUse = false
  :: !userOwnsGroup -> kernelUses = true
  fi;
  UNLOCK(groupMutex);
#endif
  if
  :: mayUse ->
     bound1 = true;
     assert(groupDomain != USER_DOMAIN); /* the driver's DMA */
     bound1 = false;
#ifndef VIABILITY
     LOCK(groupMutex);
     kernelUses = false;
     UNLOCK(groupMutex)
#endif
  :: else
  fi;
  UNLOCK_DEVICE(1)
}

proctype probe() {
  byte round;
  bool mayUse;
  do
  :: round < PROBES -> round++; probeSibling()
  :: else -> break
  od
}
