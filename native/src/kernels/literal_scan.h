// Which of many literals stand in a text: all at once, in one pass over it.
//
// Each literal is known by an anchor, its four rarest neighbouring bytes. The anchors are dealt to eight buckets, those together that
// are alike; for each of an anchor's bytes two tables of 16 say which buckets have such a byte, by its low and its high nibble, so that a
// vector shuffle asks for 32 places of the text at a time (the way of Hyperscan's "Teddy"). Where a bucket remains, its literals are
// compared.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace penstock {

inline constexpr size_t kAnchorBytes = 4;
inline constexpr size_t kLiteralBuckets = 8;

struct LiteralTables {
  /// A literal in its bucket: its anchor, of which `mask` are the bytes that a short literal has, and where in it the anchor stands.
  struct Entry {
    uint32_t bytes, mask, offset, literal;
  };
  alignas(16) uint8_t low[kAnchorBytes][16] = {};
  alignas(16) uint8_t high[kAnchorBytes][16] = {};
  uint32_t bucket_first[kLiteralBuckets + 1] = {};
  std::vector<Entry> entries;
  std::vector<std::string_view> literals;
};

class LiteralScan {
 public:
  /// `literals`: none empty; they outlive the scan.
  void build(std::span<const std::string_view> literals);
  bool empty() const { return tables_.literals.empty(); }
  /// Words that `find` needs: a bit a literal.
  size_t words() const { return (tables_.literals.size() + 63) / 64; }
  /// Sets the bits of the literals that stand in `text`, of which kPadding bytes behind its end may be read. False: none.
  bool find(std::string_view text, uint64_t* found) const;
  const LiteralTables& tables() const { return tables_; }

 private:
  LiteralTables tables_;
};

/// `find`, per instruction set; tests compare them.
bool find_literals_scalar(const LiteralTables& tables, std::string_view text, uint64_t* found);
#if defined(__x86_64__)
bool find_literals_avx2(const LiteralTables& tables, std::string_view text, uint64_t* found);
#endif

}  // namespace penstock
