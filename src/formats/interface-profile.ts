/** A value with the place where it stands. */
export interface PlacedText {
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  /** The drop-in that it stands in; undefined for the file of the profile itself. */
  readonly path?: string;
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
  /** Names or globs of drivers that it is for; empty when it does not choose by driver. */
  readonly drivers: readonly PlacedText[];
  /** Hardware addresses that it gives to the interface in place of the interface's own. */
  readonly givenHardwareAddresses: readonly PlacedText[];
  /** Routers of default routes. */
  readonly gateways: readonly PlacedText[];
  /** Destinations of all other routes. */
  readonly routes: readonly PlacedText[];
  readonly nameServers: readonly PlacedText[];
}
