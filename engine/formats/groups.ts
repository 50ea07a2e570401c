/** What a pack's `group` may be, with the heading under which README.md and docs/reference/formats.md list it, in this order. */
export const formatGroups = {
  network: 'Network and firewalls',
  cloud: 'Cloud and SaaS',
  identity: 'Identity and access',
  security: 'Endpoint, mail and security tools',
  system: 'Operating systems, containers and virtualisation',
  server: 'Servers: web, mail, DNS, files, databases, queues',
  application: 'Applications, storage, telephony and hardware',
  envelope: 'Envelopes and generic formats',
} as const;

export type FormatGroup = keyof typeof formatGroups;
