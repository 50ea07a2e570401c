/** Flags of the schema registry: part of options.ts. */
import type { OptionGroup } from './option.js';

export const schemaOptions: OptionGroup = {
  title: 'Schema registry',
  options: [
    {
      name: 'PENSTOCK_SCHEMA_REGISTRY',
      type: 'list',
      default: null,
      text: 'URLs of a Confluent-compatible schema registry, tried in turn, that gets the schema of what Kafka topics hold (docs/schemas.md).',
      example: 'https://registry-1:8081,https://registry-2:8081',
    },
    {
      name: 'PENSTOCK_SCHEMA_REGISTRY_USER',
      type: 'string',
      default: null,
      text: 'User name for the registry (basic authentication), with PENSTOCK_SCHEMA_REGISTRY_PASSWORD.',
      example: 'penstock',
    },
    {
      name: 'PENSTOCK_SCHEMA_REGISTRY_PASSWORD',
      type: 'string',
      default: null,
      secret: true,
      text: 'Password for the registry.',
    },
    {
      name: 'PENSTOCK_SCHEMA_REGISTRY_CA',
      type: 'string',
      default: null,
      text: 'PEM file of the authorities that sign the registry; default: those Node.js knows.',
      example: '/etc/penstock/registry-ca.pem',
    },
    {
      name: 'PENSTOCK_SCHEMA_REGISTRY_TIMEOUT_MS',
      type: 'duration_ms',
      default: 5_000,
      min: 100,
      max: 60_000,
      text: 'How long the registry may take for an answer, and the first round at the start altogether; after that the process goes on without.',
    },
    {
      name: 'PENSTOCK_SCHEMA_REGISTER',
      type: 'boolean',
      default: true,
      text: 'Register schemas that the registry does not know. off: somebody else does, and they are only looked up.',
    },
    {
      name: 'PENSTOCK_SCHEMA_ID',
      type: 'enum',
      values: ['header', 'prefix'],
      default: 'header',
      text: 'With header, values are plain and the header schema has the fingerprint; with prefix, they begin with a zero byte and the registry’s id.',
    },
    {
      name: 'PENSTOCK_SCHEMA_SUBJECT',
      type: 'string',
      default: '{topic}-value',
      text: 'Subject of a topic’s schema; {topic} is its name.',
      example: '{topic}-value',
    },
  ],
};
