/** Messages that format packs understand, as their products send them, with random values. RFC 3164 or 5424 around them. */
import { ipv4, port, type Random } from './random.js';

const users = ['alice', 'bob', 'carol', 'svc-backup', 'root', 'deploy', 'oracle', 'admin'] as const;

/** sshd and iptables, half and half, as a Linux host facing the internet writes them. `sender`: makes addresses. */
export function sshdOrIptables(random: Random, time: Date, sender = outside): string {
  const host = `bastion-${random.below(8)}`;
  if (random.below(2) === 0) return `<38>${bsd(time)} ${host} sshd[${port(random)}]: ${sshd(random, sender)}`;
  const mac = Array.from({ length: 14 }, () => random.below(256).toString(16).padStart(2, '0')).join(':');
  return (
    `<4>${bsd(time)} ${host} kernel: [${(random.below(9e7) / 10).toFixed(6)}] [UFW BLOCK] IN=eth0 OUT= MAC=${mac} ` +
    `SRC=${sender(random)} DST=${ipv4(random)} LEN=${40 + random.below(1400)} TOS=0x00 PREC=0x00 TTL=${30 + random.below(200)} ` +
    `ID=${random.below(65536)} DF PROTO=TCP SPT=${port(random)} DPT=${port(random)} WINDOW=${random.below(65536)} RES=0x00 SYN URGP=0`
  );
}

function sshd(random: Random, sender: (random: Random) => string): string {
  const from = `from ${sender(random)} port ${port(random)}`;
  switch (random.below(5)) {
    case 0:
      return `Failed password for ${random.pick(users)} ${from} ssh2`;
    case 1:
      return `Failed password for invalid user ${random.pick(users)} ${from} ssh2`;
    case 2:
      return `Accepted publickey for ${random.pick(users)} ${from} ssh2: RSA SHA256:${hex(random, 43)}`;
    case 3:
      return `Invalid user ${random.pick(users)} ${from}`;
    default:
      return `Disconnected ${from} [preauth]`;
  }
}

/** A firewall's traffic log, 20 extensions. */
export function cef(random: Random, time: Date): string {
  const ms = time.getTime();
  return (
    `<134>${bsd(time)} arcsight-${random.below(4)} CEF:0|Example Networks|Gateway|9.1|traffic|Connection ${random.pick(['closed', 'denied'])}|${random.below(10)}|` +
    `rt=${ms} start=${ms - random.below(9000)} act=${random.pick(['Allow', 'Deny'])} app=${random.pick(['HTTPS', 'DNS', 'SSH'])} ` +
    `proto=TCP src=${ipv4(random)} spt=${port(random)} dst=${outside(random)} dpt=${port(random)} in=${random.below(1e6)} out=${random.below(1e5)} ` +
    `suser=${random.pick(users)} shost=host-${random.below(900)}.example.com deviceInboundInterface=eth${random.below(4)} deviceOutboundInterface=eth${random.below(4)} ` +
    `cs1Label=Rule cs1=${random.pick(['web out', 'default', 'guest wifi'])} cs2Label=Zone cs2=${random.pick(['dmz', 'office'])} ` +
    `cn1Label=Seconds cn1=${random.below(3600)} request=https://www.example.com/a/${hex(random, 8)}?id\\=${random.below(1e6)} msg=Session ended by the client`
  );
}

/** FortiOS, type traffic. */
export function fortigate(random: Random, time: Date): string {
  const iso = time.toISOString();
  return (
    `<189>date=${iso.slice(0, 10)} time=${iso.slice(11, 19)} devname="FGT-${random.below(9)}" devid="FGT60F${100000 + random.below(900000)}" eventtime=${time.getTime()}000000 tz="+0000" ` +
    `logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=${ipv4(random)} srcport=${port(random)} srcintf="internal" srcintfrole="lan" ` +
    `dstip=${outside(random)} dstport=${port(random)} dstintf="wan1" dstintfrole="wan" srccountry="Reserved" dstcountry="${random.pick(['United States', 'Germany', 'Japan'])}" ` +
    `sessionid=${random.below(1e8)} proto=6 action="${random.pick(['close', 'accept', 'deny', 'client-rst'])}" policyid=${random.below(60)} policytype="policy" ` +
    `poluuid="${hex(random, 8)}-${hex(random, 4)}-51ee-${hex(random, 4)}-${hex(random, 12)}" service="HTTPS" trandisp="snat" transip=${outside(random)} transport=${port(random)} ` +
    `duration=${random.below(900)} sentbyte=${random.below(1e6)} rcvdbyte=${random.below(1e7)} sentpkt=${random.below(900)} rcvdpkt=${random.below(9000)} appcat="unscanned"`
  );
}

/** A logon or a process of Windows' security log, as XML in a syslog message. */
export function windowsXml(random: Random, time: Date): string {
  const logon = random.below(2) === 0;
  const data = (name: string, value: string | number) => `<Data Name='${name}'>${value}</Data>`;
  const user = random.pick(users);
  const details = logon
    ? [
        ...[
          data('TargetUserName', user),
          data('TargetDomainName', 'CORP'),
          data('TargetLogonId', `0x${hex(random, 6)}`),
        ],
        ...[
          data('LogonType', random.pick([2, 3, 10])),
          data('LogonProcessName', 'NtLmSsp '),
          data('AuthenticationPackageName', 'NTLM'),
        ],
        ...[data('WorkstationName', `WS-${random.below(900)}`), data('ProcessId', '0x0'), data('ProcessName', '-')],
        ...[data('IpAddress', ipv4(random)), data('IpPort', port(random))],
      ]
    : [
        ...[data('NewProcessId', `0x${hex(random, 4)}`), data('NewProcessName', 'C:\\Windows\\System32\\cmd.exe')],
        ...[
          data('TokenElevationType', '%%1936'),
          data('ProcessId', `0x${hex(random, 4)}`),
          data('TargetUserName', user),
        ],
        data('CommandLine', `cmd.exe /c &quot;dir C:\\Users\\${user}\\${hex(random, 8)} &amp; whoami&quot;`),
        data('ParentProcessName', 'C:\\Windows\\explorer.exe'),
      ];
  const host = `dc-${random.below(6)}.corp.example.com`;
  return (
    `<134>1 ${time.toISOString()} ${host} Microsoft-Windows-Security-Auditing 636 - - ` +
    `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing' ` +
    `Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/><EventID>${logon ? 4624 : 4688}</EventID><Version>2</Version><Level>0</Level>` +
    `<Task>${logon ? 12544 : 13312}</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='${time.toISOString().slice(0, -1)}0000Z'/>` +
    `<EventRecordID>${random.below(1e8)}</EventRecordID><Correlation/><Execution ProcessID='636' ThreadID='${random.below(9000)}'/><Channel>Security</Channel>` +
    `<Computer>${host}</Computer><Security/></System><EventData>${data('SubjectUserSid', `S-1-5-21-3457937927-2839227994-823803824-${1000 + random.below(900)}`)}` +
    `${data('SubjectUserName', `WS-${random.below(900)}$`)}${data('SubjectDomainName', 'CORP')}${data('SubjectLogonId', '0x3e7')}${details.join('')}</EventData></Event>`
  );
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
function bsd(time: Date): string {
  return `${months[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2, ' ')} ${time.toISOString().slice(11, 19)}`;
}

/** Of the networks set aside for documentation (RFC 5737). */
function outside(random: Random): string {
  return `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${1 + random.below(254)}`;
}

function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += random.below(0x1000000).toString(16).padStart(6, '0');
  return text.slice(0, digits);
}
