/** Flags of the schema registry: part of options.ts. */
import type { OptionGroup } from './option.js';

export const schemaOptions: OptionGroup = {
  title: 'Schema registry',
  options: [
    {
      name: 'PENSTOCK_SCHEMA_REGISTRY',
      type: 'list',
      default: null,
      text: 'URLs of a Confluent-compatible schema registry, tried in turn, in which to register the schema of Kafka topics (docs/schemas.md).',
      example: 'https://registry-1:8081,https://registry-2:8081',
    },
    {
      name: 'PENSTOCK_SCHEMA_REGISTRY_USER',
      type: 'string',
      default: null,
      text: 'User name for the registry (basic authentication); see PENSTOCK_SCHEMA_REGISTRY_PASSWORD.',
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
      text: 'PEM file of the certificate authorities to trust for the registry. Default: those of Node.js.',
      example: '/etc/penstock/registry-ca.pem',
    },
    {
      name: 'PENSTOCK_SCHEMA_REGISTRY_TIMEOUT_MS',
      type: 'duration_ms',
      default: 5_000,
      min: 100,
      max: 60_000,
      text: 'How long to wait for an answer of the registry, and at the start for all of them. After that the process goes on without.',
    },
    {
      name: 'PENSTOCK_SCHEMA_REGISTER',
      type: 'boolean',
      default: true,
      text: 'Register schemas that the registry does not have. false: only look them up.',
    },
    {
      name: 'PENSTOCK_SCHEMA_ID',
      type: 'enum',
      values: ['header', 'prefix'],
      default: 'header',
      text: "With header, values are plain and a record header holds the schema's fingerprint; with prefix, they begin with 0 and the registry id.",
    },
    {
      name: 'PENSTOCK_SCHEMA_SUBJECT',
      type: 'string',
      default: '{topic}-value',
      text: "Subject of a topic's schema; {topic} stands for the topic's name.",
      example: '{topic}-value',
    },
  ],
};
