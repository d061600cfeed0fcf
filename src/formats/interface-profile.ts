/** A value with the place where it stands. */
export interface PlacedText {
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * What one network configuration file says about one physical interface, whatever the program that reads the file.
 * Loopback, bridges, bonds and VLANs are left out: they are made by the configuration, not found on the machine.
 */
export interface InterfaceProfile {
  /** Line that opens the profile. */
  readonly line: number;
  /** Interface names or globs that it is for, as written; empty when it does not choose by name. */
  readonly names: readonly PlacedText[];
  /** Hardware addresses that an interface must have; a new virtual machine has another. */
  readonly hardwareAddresses: readonly PlacedText[];
  /** Fixed addresses, with prefix length where the file has it. */
  readonly addresses: readonly PlacedText[];
  /** Lines that ask for DHCP, version 4 or 6. */
  readonly dhcp: readonly PlacedText[];
}
