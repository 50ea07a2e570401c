// Key=value texts and logfmt: FortiGate, SonicWall, auditd, logfmt and their kin.
#pragma once

#include "packs/blocks/byte_set.h"
#include "packs/blocks/extracted.h"
#include "packs/blocks/unescape.h"

namespace penstock::packs {

/// Where an unquoted value ends.
enum class KvValueEnd : uint8_t {
  kAtSeparator,  ///< at the next pair separator
  kAtNextName,   ///< at the last pair separator before the next `name=`, so that values may hold separators
};

struct KvOptions {
  Separators pairs = Separators::any_of(" \t\r\n");
  Separators values = Separators::any_of("=");
  ByteSet quotes{"\""};  ///< a value that begins with one goes to the same one that a pair separator or the end follows
  Escapes escapes = Escapes::kBackslash;  ///< inside quotes
  KvValueEnd value_end = KvValueEnd::kAtSeparator;
  bool keep_bare = false;  ///< words without a value become fields with kFieldNoValue (logfmt); else they are skipped
};

/// As Go's logfmt has it: https://pkg.go.dev/github.com/kr/logfmt
KvOptions logfmt_options();

/// Options with what follows from them, made when a plan is loaded.
struct KvProgram : KvOptions {
  explicit KvProgram(const KvOptions& options = {});
  ByteSet ends_name;  ///< first bytes of all separators
  ByteSet in_quotes;  ///< what counts inside quotes
  /// Separators are single bytes of ASCII, none of which is a quote, and values end at the next: then one scan finds all that counts.
  bool plain = false;
  /// Beyond that, blanks part pairs, words without a value are skipped, and no byte parts both pairs and a name from its value.
  bool simple = false;
  ByteSet marks;      ///< all that counts anywhere
  enum Kinds : uint8_t { kPair = 1, kValue = 2, kQuote = 4, kInQuotes = 8, kBlank = 16 };
  std::array<uint8_t, 256> kinds{};  ///< of each byte: what it is; kBlank: a space or tab that parts no pairs
};

/// Spaces and tabs around names and unquoted values are not part of them. An empty name takes its value along, noted
/// (kBareText). kNoMatch when there is no pair at all.
BlockResult extract_kv(std::string_view text, const KvProgram& program, Arena& scratch, Extracted& out);

}  // namespace penstock::packs
