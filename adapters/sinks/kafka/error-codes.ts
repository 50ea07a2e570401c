/**
 * What each error of a broker means to us: one table for behaviour, messages and the manual.
 *
 * - `retry`: passing; the same batch is sent again soon, with the same stamp.
 * - `refresh`: passing, and our picture of the cluster is stale: ask for metadata first.
 * - `recover`: broker and we disagree about the producer's sequence: ask it what it has, then go on.
 * - `wait`: nothing will change before an operator or the cluster does something; tried again more slowly.
 * - `never`: this batch will not be taken, however often it is sent.
 * - `done`: it is there already.
 */
export type ErrorClass = 'retry' | 'refresh' | 'recover' | 'wait' | 'never' | 'done';

export interface KafkaErrorCode {
  readonly code: number;
  readonly name: string;
  readonly class: ErrorClass;
  /** What it means and what to do, for an operator. */
  readonly text: string;
}

const table: readonly (readonly [number, string, ErrorClass, string])[] = [
  [-1, 'UNKNOWN_SERVER_ERROR', 'retry', 'the broker failed unexpectedly; see its log'],
  [2, 'CORRUPT_MESSAGE', 'retry', 'the batch arrived damaged: a network or memory fault, or a damaged journal'],
  [
    3,
    'UNKNOWN_TOPIC_OR_PARTITION',
    'refresh',
    'the topic or partition does not exist: create it or set create_topics=true',
  ],
  [5, 'LEADER_NOT_AVAILABLE', 'refresh', 'the partition has no leader at the moment'],
  [6, 'NOT_LEADER_OR_FOLLOWER', 'refresh', 'the partition moved to another broker'],
  [7, 'REQUEST_TIMED_OUT', 'retry', 'the replicas did not confirm in time'],
  [8, 'BROKER_NOT_AVAILABLE', 'refresh', 'the broker is not available'],
  [9, 'REPLICA_NOT_AVAILABLE', 'refresh', 'the replica is not available'],
  [
    10,
    'MESSAGE_TOO_LARGE',
    'never',
    'larger than the topic allows, also when split: raise max.message.bytes of the topic',
  ],
  [13, 'NETWORK_EXCEPTION', 'refresh', 'the broker closed the connection'],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', 'retry', 'the coordinator is starting'],
  [15, 'COORDINATOR_NOT_AVAILABLE', 'retry', 'the coordinator is not available yet'],
  [16, 'NOT_COORDINATOR', 'refresh', 'the coordinator moved'],
  [17, 'INVALID_TOPIC_EXCEPTION', 'wait', 'the topic name is not allowed: correct it in the sink URL'],
  [
    18,
    'RECORD_LIST_TOO_LARGE',
    'never',
    'larger than a log segment, also when split: raise segment.bytes of the topic',
  ],
  [19, 'NOT_ENOUGH_REPLICAS', 'retry', 'fewer replicas are in sync than min.insync.replicas: bring brokers back'],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'retry', 'replicas went out of sync while the batch was written'],
  [21, 'INVALID_REQUIRED_ACKS', 'wait', 'the broker does not accept acks=all'],
  [
    29,
    'TOPIC_AUTHORIZATION_FAILED',
    'wait',
    'the user may not write to or describe the topic: grant WRITE, DESCRIBE and READ',
  ],
  [
    31,
    'CLUSTER_AUTHORIZATION_FAILED',
    'wait',
    'the user may not do this on the cluster: grant IDEMPOTENT_WRITE (and CREATE for create_topics)',
  ],
  [
    32,
    'INVALID_TIMESTAMP',
    'never',
    'the time of receipt lies outside what the topic accepts: is this host’s clock right? See message.timestamp.before.max.ms and .after.max.ms',
  ],
  [33, 'UNSUPPORTED_SASL_MECHANISM', 'wait', 'the broker does not offer this SASL mechanism'],
  [
    34,
    'ILLEGAL_SASL_STATE',
    'wait',
    'the broker expects another authentication: check the port and the security setting',
  ],
  [35, 'UNSUPPORTED_VERSION', 'wait', 'the broker is too old'],
  [36, 'TOPIC_ALREADY_EXISTS', 'done', 'the topic exists'],
  [37, 'INVALID_PARTITIONS', 'wait', 'the number of partitions is not allowed: correct partitions='],
  [38, 'INVALID_REPLICATION_FACTOR', 'wait', 'there are fewer brokers than replication= asks for'],
  [39, 'INVALID_REPLICA_ASSIGNMENT', 'wait', 'the replicas cannot be assigned'],
  [40, 'INVALID_CONFIG', 'wait', 'the topic configuration is not allowed'],
  [41, 'NOT_CONTROLLER', 'refresh', 'the controller moved'],
  [42, 'INVALID_REQUEST', 'never', 'the broker calls the request invalid'],
  [
    43,
    'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    'wait',
    'the topic keeps an old message format: set message.format.version to 0.11 or later',
  ],
  [44, 'POLICY_VIOLATION', 'wait', "the cluster's policy forbids it"],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'recover', 'the sequence does not follow the last one the broker has'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER', 'done', 'the broker has this batch already'],
  [47, 'INVALID_PRODUCER_EPOCH', 'recover', 'another producer took over this producer id'],
  [48, 'INVALID_TXN_STATE', 'recover', 'the transaction is not in a state for this'],
  [49, 'INVALID_PRODUCER_ID_MAPPING', 'recover', 'the broker does not know this producer id'],
  [51, 'CONCURRENT_TRANSACTIONS', 'retry', 'the transaction before is still being ended'],
  [
    53,
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'wait',
    'the user may not use the transactional id: grant WRITE and DESCRIBE on it (prefix penstock-)',
  ],
  [30, 'GROUP_AUTHORIZATION_FAILED', 'wait', 'the user may not use the group: grant READ on it (prefix penstock-)'],
  [56, 'KAFKA_STORAGE_ERROR', 'refresh', "the broker's disk failed: another one will lead the partition"],
  [58, 'SASL_AUTHENTICATION_FAILED', 'wait', 'user name or password is wrong'],
  [59, 'UNKNOWN_PRODUCER_ID', 'recover', 'the broker has forgotten this producer'],
  [72, 'LISTENER_NOT_FOUND', 'refresh', 'the leader has no listener of this name: configure it on every broker'],
  [74, 'FENCED_LEADER_EPOCH', 'refresh', 'the leader changed'],
  [75, 'UNKNOWN_LEADER_EPOCH', 'refresh', 'the broker does not know of the new leader yet'],
  [
    76,
    'UNSUPPORTED_COMPRESSION_TYPE',
    'wait',
    'the topic does not take this compression: set its compression.type to producer, or choose another codec',
  ],
  [
    87,
    'INVALID_RECORD',
    'never',
    'the broker refuses records: a compacted topic wants keys, schema validation a schema',
  ],
  [88, 'UNSTABLE_OFFSET_COMMIT', 'retry', 'a transaction that may change the offset is still being ended'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', 'retry', 'the quota is used up for now'],
  [90, 'PRODUCER_FENCED', 'recover', 'another producer took over this producer id'],
  [100, 'UNKNOWN_TOPIC_ID', 'refresh', 'the topic was deleted or created anew'],
];

export const errorCodes: ReadonlyMap<number, KafkaErrorCode> = new Map(
  table.map(([code, name, errorClass, text]) => [code, { code, name, class: errorClass, text }]),
);

/** What `code` means; an unknown one is retried as a passing fault of the broker. */
export function errorCode(code: number): KafkaErrorCode {
  return (
    errorCodes.get(code) ?? { code, name: `ERROR_${code}`, class: 'retry', text: 'an error this version does not know' }
  );
}
