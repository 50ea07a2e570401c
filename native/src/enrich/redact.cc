#include "enrich/redact.h"

#include <arpa/inet.h>
#include <strings.h>

#include <charconv>

#include "enrich/ip_address.h"
#include "enrich/sha.h"
#include "packs/blocks/repair.h"

namespace penstock::enrich {
namespace {

/// Padded: it may take the place of the original, which encoders read as a frame is read.
constexpr char kGoneBytes[10 + kPadding + 1] = "[redacted]";
constexpr std::string_view kGone(kGoneBytes, 10);
constexpr size_t kHashBytes = 16;

size_t find_folded(std::string_view text, std::string_view what, size_t from) {
  for (size_t at = from; at + what.size() <= text.size(); ++at)
    if (strncasecmp(text.data() + at, what.data(), what.size()) == 0) return at;
  return text.npos;
}

EcsType type_of(EcsField field) { return field == EcsField::kUnknown ? EcsType::kString : kEcsFields[static_cast<size_t>(field)].type; }

/// The text of an address in network order; of IPv4 the last four bytes count.
std::string_view address_text(const uint8_t (&bytes)[16], bool v4, Arena& arena) {
  char text[INET6_ADDRSTRLEN];
  if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? bytes + 12 : bytes, text, sizeof text)) return {};
  return arena.copy(text);
}

/// `text` with its escapes of JSON taken back, as far as they are some; its data is null when no memory is left.
std::string_view without_escapes(std::string_view text, Arena& arena) {
  char* const out = arena.take(text.size());
  if (!out) return {};
  const auto code_at = [text](size_t at, uint32_t& code) {
    return at + 6 <= text.size() && text[at] == '\\' && text[at + 1] == 'u' &&
           std::from_chars(text.data() + at + 2, text.data() + at + 6, code, 16).ptr == text.data() + at + 6;
  };
  char* p = out;
  for (size_t at = 0; at < text.size();) {
    uint32_t code, low;
    if (text[at] != '\\' || at + 1 == text.size()) {
      *p++ = text[at++];
    } else if (code_at(at, code)) {
      at += 6;
      if ((code & 0xfc00) == 0xd800 && code_at(at, low) && (low & 0xfc00) == 0xdc00)
        code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff)), at += 6;
      p = packs::put_utf8(p, code);
    } else {
      constexpr std::string_view kMarks = "bfnrt", kMeant = "\b\f\n\r\t";
      const size_t mark = kMarks.find(text[at + 1]);
      *p++ = mark == kMarks.npos ? text[at + 1] : kMeant[mark];
      at += 2;
    }
  }
  return {out, static_cast<size_t>(p - out)};
}

}  // namespace

void Redactor::field(std::string_view name, EcsField field, Redaction how) {
  const auto redact = [&](const Value& value, EcsType type) { any_ = true; return instead_of(value, type, how); };
  // An object's name stands for all that is below it.
  const auto named = [name](std::string_view other) {
    return other.starts_with(name) && (other.size() == name.size() || other[name.size()] == '.');
  };
  for (size_t i = 0; i < event_.field_count(); ++i) {
    const auto [met, value] = event_.fields()[i];
    if (met == field || named(kEcsFields[static_cast<size_t>(met)].name)) event_.replace(i, redact(value, type_of(met)));
  }
  if (name == "message" && event_.message.data()) event_.message = kGone, any_ = all_ = true;
  for (size_t i = 0; i < event_.attr_count(); ++i)
    // What did not fit its field is an attribute of the field's name.
    if (named(event_.attrs()[i].name)) event_.set_attr(i, redact(event_.attrs()[i].value, EcsType::kString));
}

/// Of numbers and the like nothing is left but the field; what is no text has no stand-in.
Value Redactor::instead_of(const Value& value, EcsType type, Redaction how) {
  char digits[24];
  switch (value.kind) {
    case ValueKind::kString: {
      const std::string_view text = stand_in(value.text, type, how);
      if (!text.data()) return all_ = true, Value::of_string(type == EcsType::kIp ? "::" : kGone);
      if (value.text.empty()) return value;
      if (count_ == kValuesMax) all_ = true;
      else pairs_[count_++] = {value.text, text, false};
      return Value::of_string(text);
    }
    case ValueKind::kInt64: {
      const auto end = std::to_chars(digits, digits + sizeof digits, value.i).ptr;
      const std::string_view text = arena_.copy({digits, static_cast<size_t>(end - digits)});
      if (count_ == kValuesMax || !text.data()) all_ = true;
      else pairs_[count_++] = {text, "0", false};
      return Value::of_int(0);
    }
    default: return all_ = true, Value::of_json("null");
  }
}

std::string_view Redactor::stand_in(std::string_view value, EcsType type, Redaction how) {
  IpAddress ip;
  const bool address = type == EcsType::kIp && parse_ip(value, ip);
  if (how == Redaction::kMask && !address) return type == EcsType::kIp ? std::string_view("::") : kGone;
  uint8_t bytes[16];
  if (how == Redaction::kMask) {
    // What is left is the network: 24 bits of IPv4, 48 of IPv6.
    if (ip.is_v4()) ip.low &= ~uint64_t{0xff};
    else ip.high &= ~uint64_t{0xffff}, ip.low = 0;
    const uint64_t words[2] = {__builtin_bswap64(ip.high), __builtin_bswap64(ip.low)};
    std::memcpy(bytes, words, 16);
    return address_text(bytes, ip.is_v4(), arena_);
  }
  const Sha256 digest = hmac_sha256(key_, value);
  if (type == EcsType::kIp) {
    // It still is an address: one of fd00::/8, which no network of the Internet has.
    std::memcpy(bytes, digest.data(), 16);
    bytes[0] = 0xfd;
    return address_text(bytes, false, arena_);
  }
  char* const out = arena_.take(2 * kHashBytes);
  if (!out) return {};
  for (size_t i = 0; i < kHashBytes; ++i) out[2 * i] = "0123456789abcdef"[digest[i] >> 4], out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  return {out, 2 * kHashBytes};
}

std::string_view Redactor::clean(std::string_view text, bool original) {
  for (size_t i = 0; i < count_; ++i)
    if (text.data() == pairs_[i].instead.data()) return text;
  for (size_t i = 0; i < count_; ++i) {
    Pair& pair = pairs_[i];
    size_t hits = 0;
    for (size_t at = 0; (at = find_folded(text, pair.value, at)) != text.npos; at += pair.value.size()) ++hits;
    if (hits == 0) continue;
    pair.in_original |= original;
    char* const out = arena_.take(text.size() + hits * pair.instead.size());
    if (!out) return event_.note(Problem::kTooComplex, 0), kGone;
    char* p = out;
    for (size_t from = 0;;) {
      const size_t at = std::min(find_folded(text, pair.value, from), text.size());
      p = static_cast<char*>(std::memcpy(p, text.data() + from, at - from)) + (at - from);
      if (at == text.size()) break;
      p = static_cast<char*>(std::memcpy(p, pair.instead.data(), pair.instead.size())) + pair.instead.size();
      from = at + pair.value.size();
    }
    text = {out, static_cast<size_t>(p - out)};
  }
  if (count_ == 0 || text.find('\\') == text.npos) return text;
  // The same value in escapes, of JSON within JSON or of a sender that escapes what it need not: not replaced in part.
  const std::string_view plain = without_escapes(text, arena_);
  bool stays = plain.data() != nullptr;
  for (size_t i = 0; i < count_ && stays; ++i) stays = find_folded(plain, pairs_[i].value, 0) == plain.npos;
  return stays ? text : kGone;
}

bool Redactor::finish() {
  if (!any_) return false;
  for (size_t i = 0; i < event_.field_count(); ++i) {
    const auto [field, value] = event_.fields()[i];
    if (value.kind != ValueKind::kString && value.kind != ValueKind::kJson) continue;
    Value other = value;
    other.text = clean(value.text, false);
    if (other.text.data() == value.text.data()) continue;
    if (value.kind == ValueKind::kJson && other.text.data() == kGone.data()) other = Value::of_json("null");
    IpAddress ip;
    if (type_of(field) == EcsType::kIp && !parse_ip(other.text, ip)) other.text = "::";
    event_.replace(i, other);
  }
  for (size_t i = 0; i < event_.attr_count(); ++i) {
    const Value& value = event_.attrs()[i].value;
    if (value.kind != ValueKind::kString && value.kind != ValueKind::kJson) continue;
    Value other = value;
    other.text = clean(value.text, false);
    if (value.kind == ValueKind::kJson && other.text.data() == kGone.data()) other = Value::of_json("null");
    if (other.text.data() != value.text.data()) event_.set_attr(i, other);
  }
  if (event_.message.data()) event_.message = all_ ? kGone : clean(event_.message, false);
  if (!event_.peer.empty()) event_.peer = clean(event_.peer, false);
  const std::string_view original = clean(event_.original, true);
  bool whole = !all_;
  for (size_t i = 0; i < count_; ++i) whole &= pairs_[i].in_original;
  // A value that does not stand there as it is stands there in another form: nothing of it may stay.
  event_.original = whole ? original : kGone;
  event_.structured_data = {};
  event_.time_text = {};
  return true;
}

}  // namespace penstock::enrich
