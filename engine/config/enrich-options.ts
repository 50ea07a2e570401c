/** Flags of what events are enriched from, and of rules: part of options.ts. */
import type { OptionGroup } from './option.js';

export const enrichOptions: OptionGroup = {
  title: 'Enrichment',
  options: [
    {
      name: 'PENSTOCK_GEOIP',
      live: true,
      type: 'list',
      default: null,
      text: 'Up to 4 MaxMind DB files that add location and network to public addresses (docs/enrichment.md). Changed files are reloaded.',
      example: '/var/lib/GeoIP/GeoLite2-City.mmdb,/var/lib/GeoIP/GeoLite2-ASN.mmdb',
    },
    {
      name: 'PENSTOCK_GEOIP_FIELDS',
      live: true,
      type: 'list',
      default:
        'geo.continent_name,geo.country_iso_code,geo.country_name,geo.region_iso_code,geo.region_name,geo.city_name,geo.location,as.number,as.organization.name',
      text: 'Fields to add below source, destination, client, server, host. Also: geo.continent_code, geo.postal_code, geo.timezone.',
      example: 'geo.country_iso_code,as.number',
    },
    {
      name: 'PENSTOCK_NETWORK_FIELDS',
      live: true,
      type: 'list',
      default: 'type,direction',
      text: 'Which network.* fields to derive when missing: type (with transport and iana_number), direction, community_id. off: none.',
      example: 'type,direction,community_id',
    },
    {
      name: 'PENSTOCK_INTERNAL_NETWORKS',
      live: true,
      type: 'list',
      default: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,127.0.0.0/8,fc00::/7,fe80::/10,::1/128',
      text: 'Your own networks, from which network.direction (inbound, outbound, internal, external) is derived.',
      example: '10.0.0.0/8,203.0.113.0/24',
    },
    {
      name: 'PENSTOCK_INDICATORS',
      live: true,
      type: 'list',
      default: null,
      text: 'Threat intelligence files: CSV or STIX 2.1, with addresses, networks, domains, hashes and URLs (docs/enrichment.md).',
      example: '/var/lib/intel/feodo.csv,/var/lib/intel/bundle.json',
    },
    {
      name: 'PENSTOCK_ASSETS',
      live: true,
      type: 'list',
      default: null,
      text: 'CSV files that describe your hosts, addresses and users. Events that name one get its description (docs/enrichment.md).',
      example: '/etc/penstock/assets.csv,/etc/penstock/users.csv',
    },
    {
      name: 'PENSTOCK_RULES',
      live: true,
      type: 'string',
      default: null,
      text: 'YAML file of rules that route, sample, drop, redact or score events (docs/enrichment.md).',
      example: '/etc/penstock/rules.yaml',
    },
    {
      name: 'PENSTOCK_REDACT_KEY',
      live: true,
      type: 'string',
      default: null,
      secret: true,
      text: 'Secret of at least 16 bytes for the hashes that redaction puts in place of values (HMAC-SHA-256). Use the same on all nodes.',
    },
    {
      name: 'PENSTOCK_ENRICH_POLL_MS',
      type: 'duration_ms',
      default: 10_000,
      min: 0,
      max: 86_400_000,
      text: 'How often to check the enrichment files for changes and reload them. 0: only with a configuration reload.',
    },
  ],
};
