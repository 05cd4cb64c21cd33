/** Offsets and bits of a PCI configuration header, and of the MSI capability. (PCI Local Bus 3.0, 6.1 and 6.8) */

export const PCI_VENDOR_ID = 0x00;
export const PCI_DEVICE_ID = 0x02;
export const PCI_COMMAND = 0x04;
export const PCI_CLASS = 0x08;
export const PCI_CACHE_LINE_SIZE = 0x0c;
export const PCI_LATENCY_TIMER = 0x0d;
export const PCI_HEADER_TYPE = 0x0e;
export const PCI_BASE_ADDRESS_0 = 0x10;
export const PCI_BASE_ADDRESS_END = 0x28;
export const PCI_CAPABILITY_LIST = 0x34;
export const PCI_INTERRUPT_LINE = 0x3c;
export const PCI_INTERRUPT_PIN = 0x3d;
export const PCI_HEADER_BYTES = 0x40;

export const PCI_COMMAND_IO = 0x1;
export const PCI_COMMAND_MEMORY = 0x2;
export const PCI_COMMAND_MASTER = 0x4;
export const PCI_COMMAND_SERR = 0x100;
export const PCI_COMMAND_INTX_DISABLE = 0x400;

export const PCI_CAPABILITY_MSI = 0x05;
/** From the start of the MSI capability. */
export const MSI_FLAGS = 2;
export const MSI_FLAGS_64BIT = 0x80;

/** Bytes of configuration space of a conventional function. */
export const PCI_CONFIG_BYTES = 0x100;
