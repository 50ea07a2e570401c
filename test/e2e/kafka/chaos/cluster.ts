import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KafkaCluster, user } from '../broker.js';
import { kafkaJars } from '../jars.js';

/** Three brokers with SASL, ACLs and short-lived sessions, as a careful operator has them. */
export function startChaosCluster(): Promise<KafkaCluster> {
  return KafkaCluster.start({
    nodes: 3,
    listeners: ['sasl'],
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'allow.everyone.if.no.acl.found': 'true',
      'connections.max.reauth.ms': '4000',
      'replica.lag.time.max.ms': '3000',
    },
  });
}

/** Sets the password of the test user; every broker learns it within a moment. */
export async function setPassword(cluster: KafkaCluster, password: string): Promise<void> {
  const change = `SCRAM-SHA-512=[iterations=4096,password=${password}]`;
  const args = ['--alter', '--entity-type', 'users', '--entity-name', user.name, '--add-config', change];
  const java = ['-cp', `${kafkaJars()}/*`, '-Xmx256m', '-XX:TieredStopAtLevel=1', 'kafka.admin.ConfigCommand'];
  await promisify(execFile)('java', [...java, '--bootstrap-server', cluster.bootstrap(), ...args]);
}
