/** What to do about a connection that does not come about, by the error's code. */

const authority = 'name the authority that signed the certificate of the broker: ca=FILE';
const network = 'is the address right, and no firewall in the way?';
const clientCertificate = 'the broker wants a client certificate that it trusts: cert=FILE and key=FILE';

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is the broker running, and the port right?',
  ENOTFOUND: 'correct the name of the broker, or its DNS entry',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: network,
  EHOSTUNREACH: network,
  ENETUNREACH: network,
  EMFILE: 'raise the limit of open files (ulimit -n, LimitNOFILE=)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: authority,
  UNABLE_TO_GET_ISSUER_CERT: authority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: authority,
  SELF_SIGNED_CERT_IN_CHAIN: authority,
  DEPTH_ZERO_SELF_SIGNED_CERT: authority,
  CERT_HAS_EXPIRED: 'renew the certificate of the broker, or correct the clock of this machine',
  CERT_NOT_YET_VALID: 'correct the clock of this machine, or the certificate of the broker',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name the broker as its certificate does, also in its advertised.listeners',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: clientCertificate,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: clientCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: clientCertificate,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'the broker speaks other TLS versions: see tls_min=',
};

const noTls = 'is this a port for TLS? kafka:// is for those without';
const noTlsCodes = new Set(['ECONNRESET', 'ECLOSED', 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER']);

/** Completes a message: begins with ': ', or is empty where nothing can be advised. `tls`: it happened in a TLS handshake. */
export function adviceOn(code: string, tls = false): string {
  const advice = byCode[code] ?? (tls && noTlsCodes.has(code) ? noTls : undefined);
  return advice === undefined ? '' : `: ${advice}`;
}
