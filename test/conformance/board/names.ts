/** Fields of a product that bear another name there than in our packs: theirs → ours. */
export const names: Readonly<Record<string, string>> = {
  'kibana.log.tags': 'tags',
  'postgresql.log.session_start_time': 'process.start',
  'system.auth.ssh.method': 'sshd.method',
  'system.auth.ssh.signature': 'sshd.key_fingerprint',
  'system.auth.sudo.command': 'process.command_line',
  'system.auth.sudo.pwd': 'process.working_directory',
  'system.auth.sudo.tty': 'sudo.tty',
  'system.auth.sudo.user': 'user.effective.name',
};
