#include "packs/blocks/audit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "packs/blocks/decode_text.h"
#include "packs/blocks/repair.h"

namespace penstock::packs {
namespace {

/// Fields of the dictionary whose format is "encoded".
constexpr std::string_view kEncoded[] = {"acct", "apparmor", "cgroup", "cmd",   "comm",      "cwd", "data", "device", "dir",
                                         "exe",  "file",     "key",    "name",  "new-chardev", "new-disk", "new-fs", "new-rng", "new_group",
                                         "ocomm", "old-chardev", "old-disk", "old-fs", "old-rng", "path", "proctitle", "profile", "root_dir",
                                         "sw", "vm", "watch"};
static_assert(std::is_sorted(std::begin(kEncoded), std::end(kEncoded)));

bool is_digit(char c) { return static_cast<unsigned>(c - '0') < 10; }

/// As the kernel writes bytes: pairs of digits, letters in upper case.
bool is_hex(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || static_cast<unsigned>(c - 'A') < 6; });
}

bool is_encoded(std::string_view name) { return std::binary_search(std::begin(kEncoded), std::end(kEncoded), name); }

/// `a1`, `a1[2]`: an argument, or a piece of one.
struct Argument {
  std::string_view number;  ///< its digits
  uint32_t piece = 0;       ///< 0 of a whole argument as well

  /// Whether this is the piece that goes on where `before` ends.
  bool continues(const Argument& before) const { return piece != 0 && piece - 1 == before.piece && number == before.number; }
};

bool is_argument(std::string_view name, Argument& argument) {
  argument = {};
  if (name.size() < 2 || name[0] != 'a' || !is_digit(name[1])) return false;
  size_t at = 1;
  while (at < name.size() && is_digit(name[at])) ++at;
  argument.number = name.substr(1, at - 1);
  if (at == name.size()) return true;
  if (name[at] != '[' || name.back() != ']') return false;
  const char* const end = name.data() + name.size() - 1;
  const auto [stop, error] = std::from_chars(name.data() + at + 1, end, argument.piece);
  return error == std::errc() && stop == end;
}

void decode(ExtractedField& field, Arena& scratch, Extracted& out) {
  if ((field.flags & kFieldQuoted) || !is_hex(field.value)) return;
  const std::string_view decoded = decode_hex(field.value, scratch, out);
  if (!decoded.data()) return;
  field.value = decoded;
  field.flags |= kFieldRewritten;
  if (field.name != "key" || decoded.find('\1') == decoded.npos) return;
  char* const keys = scratch.take(decoded.size());
  if (!keys) return out.note(BlockProblem::kScratchFull);
  std::replace_copy(decoded.begin(), decoded.end(), keys, '\1', ',');
  field.value = {keys, decoded.size()};
}

/// Adds what a socket's address says. What is too short for its family is left as it is.
void add_address(std::string_view digits, Arena& scratch, Extracted& out) {
  constexpr size_t kBytesMax = 128;  // sizeof(sockaddr_storage)
  if (!is_hex(digits)) return;
  std::array<uint8_t, kBytesMax> bytes{};
  const size_t size = std::min(digits.size() / 2, kBytesMax);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(hex_digit(digits[2 * i]) << 4 | hex_digit(digits[2 * i + 1]));
  if (size < 2) return;
  const unsigned family = bytes[1] == 0 ? bytes[0] : bytes[0] == 0 ? bytes[1] : 0;
  const auto add = [&](std::string_view name, std::string_view value) {
    const std::string_view kept = scratch.copy(value);
    if (kept.data()) out.add(name, kept, kFieldRewritten);
    else out.note(BlockProblem::kScratchFull);
  };
  const auto add_internet = [&](int kind, size_t at, std::string_view name) {
    char text[INET6_ADDRSTRLEN], port[8];
    if (!inet_ntop(kind, &bytes[at], text, sizeof text)) return;
    const auto* const end = std::to_chars(port, port + sizeof port, bytes[2] << 8 | bytes[3]).ptr;
    add("family", name);
    add("address", text);
    add("port", {port, static_cast<size_t>(end - port)});
  };
  switch (family) {
    case 1: {
      add("family", "unix");
      const bool abstract = size > 2 && bytes[2] == 0;
      const char* const from = reinterpret_cast<const char*>(&bytes[abstract ? 3 : 2]);
      const std::string_view left(from, size - std::min<size_t>(size, abstract ? 3 : 2));
      const std::string_view path = repair_utf8(left.substr(0, left.find('\0')), scratch, out);
      if (path.empty()) return;
      char* const copy = scratch.take(path.size() + 1);
      if (!copy) return out.note(BlockProblem::kScratchFull);
      copy[0] = '@';
      std::memcpy(copy + 1, path.data(), path.size());
      out.add("path", abstract ? std::string_view{copy, path.size() + 1} : std::string_view{copy + 1, path.size()}, kFieldRewritten);
      return;
    }
    case 2: return size >= 8 ? add_internet(AF_INET, 4, "ipv4") : void();
    case 10: {
      constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
      if (size < 24) return;
      return std::memcmp(&bytes[8], kMapped, sizeof kMapped) == 0 ? add_internet(AF_INET, 20, "ipv6") : add_internet(AF_INET6, 8, "ipv6");
    }
    case 16: return add("family", "netlink");
    case 17: return add("family", "packet");
    default: return;
  }
}

void add_arguments(size_t first, bool only_joined, Arena& scratch, Extracted& out) {
  const size_t count = out.size();
  size_t size = 0;
  Argument argument, before;
  for (size_t i = first; i < count; ++i)
    if (is_argument(out[i].name, argument)) size += out[i].value.size() + 1;
  if (size == 0) return;
  char* const line = scratch.take(size);
  char* const list = scratch.take(size);
  if (!line || !list) return out.note(BlockProblem::kScratchFull);
  size_t at = 0;
  for (size_t i = first; i < count; ++i) {
    ExtractedField& field = out[i];
    if (!is_argument(field.name, argument)) continue;
    if (at != 0 && !argument.continues(before)) line[at] = ' ', list[at] = '\0', ++at;
    std::memcpy(line + at, field.value.data(), field.value.size());
    std::memcpy(list + at, field.value.data(), field.value.size());
    at += field.value.size();
    before = argument;
    if (only_joined) field.name = {};
  }
  if (only_joined) out.remove_nameless(first);
  out.add("command_line", {line, at}, kFieldRewritten);
  out.add("args", {list, at}, kFieldRewritten);
}

}  // namespace

BlockResult extract_audit(std::string_view text, const AuditOptions& options, Arena& scratch, Extracted& out) {
  const size_t first = out.size();
  if (extract_kv(text, options.pairs, scratch, out) != BlockResult::kMatch) return BlockResult::kNoMatch;
  const size_t count = out.size();
  const bool execve = count > first && out[first].name == "argc";
  std::string_view socket;
  Argument argument;
  for (size_t i = first; i < count; ++i) {
    ExtractedField& field = out[i];
    if (is_encoded(field.name) || (execve && is_argument(field.name, argument))) decode(field, scratch, out);
    else if (field.name == "saddr") socket = field.value;
  }
  if (execve) add_arguments(first, options.join_arguments, scratch, out);
  add_address(socket, scratch, out);
  return BlockResult::kMatch;
}

}  // namespace penstock::packs
