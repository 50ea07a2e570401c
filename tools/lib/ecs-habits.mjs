// What follows from a field's name, whoever sends its value. The one place that says so: packs, the JSON reader and the documentation go by it.

/** Bits of DestFlags (native/src/packs/plan_rows.h): which lists of related.* get the value too. */
export const related = { ip: 2, user: 4, hosts: 8, hash: 16 };

/** @returns {number} bits of `related` */
export function relatedOf({ name, shape }) {
  if (name.startsWith('related.')) return 0;
  if (shape === 'Ip') return related.ip;
  if (/(^|\.)user(\.(target|effective|changes))?\.(name|email)$/.test(name)) return related.user;
  if (
    /^(source|destination|client|server)\.domain$|^host\.(name|hostname)$|^observer\.hostname$|^dns\.question\.name$|^url\.domain$/.test(
      name,
    )
  )
    return related.hosts;
  if (/\.hash\.(md5|sha1|sha224|sha256|sha384|sha512|ssdeep|tlsh)$/.test(name)) return related.hash;
  return 0;
}

/** The one way its values are written: hashes in small letters, hardware addresses as ECS has them, IPv6 as RFC 5952 has it. */
export function formOf({ name, shape }) {
  if (/\.hash\.(md5|sha1|sha224|sha256|sha384|sha512)$|\.(imphash|ja3s?)$/.test(name)) return 'lower';
  if (/\.mac$/.test(name)) return 'mac';
  return shape === 'Ip' ? 'ip' : 'none';
}
