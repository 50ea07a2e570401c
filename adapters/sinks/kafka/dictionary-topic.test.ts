import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from './cluster.js';
import { asClusterError } from './cluster-error.js';
import { refuseForgetting } from './dictionary-topic.js';
import type { DescribeConfigsResponse } from './wire/apis/describe-configs.js';
import { ConnectionError, UnsupportedError } from './wire/wire-errors.js';

function asked(answer: DescribeConfigsResponse | Error): Pick<Cluster, 'ask'> {
  const ask = async () => {
    if (answer instanceof Error) throw asClusterError(answer);
    return answer;
  };
  return { ask: ask as Cluster['ask'] };
}

function answer(values: Record<string, string>, errorCode = 0): DescribeConfigsResponse {
  return { errorCode, errorMessage: null, values: new Map(Object.entries(values)) };
}

const forgetting = { 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'retention.bytes': '-1' };

test('a topic that would forget dictionaries is refused; one that keeps them, or does not tell, is not', async () => {
  await assert.rejects(
    refuseForgetting(asked(answer(forgetting)), 'd'),
    /deletes old records \(cleanup\.policy=delete/,
  );
  await refuseForgetting(asked(answer({ ...forgetting, 'cleanup.policy': 'compact' })), 'd');
  await refuseForgetting(asked(answer({ ...forgetting, 'retention.ms': '-1' })), 'd');
  await refuseForgetting(asked(answer({}, 29)), 'd');
});

test('a broker that cannot tell the configuration of a topic is believed; one that was lost is asked again', async () => {
  await refuseForgetting(asked(new UnsupportedError('broker does not speak DescribeConfigs version 4')), 'd');
  await assert.rejects(refuseForgetting(asked(new ConnectionError('CLOSED', 'broker: closed')), 'd'), /closed/);
});
