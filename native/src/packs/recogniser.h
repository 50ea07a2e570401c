// Which ways of recognition a text may belong to: decided from the literals of all packs at once, so that many packs cost a text
// that belongs to none hardly more than few.
#pragma once

#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/literal_scan.h"
#include "packs/plan.h"

namespace penstock::packs {

class Recogniser {
 public:
  /// `plan` outlives it. `first`: the row of plan.first_bytes() that its 256 begin with.
  void build(const Plan& plan, size_t first);
  /// Where a format owns texts that begin so: the candidates told by how the text begins, as candidates() has them; else empty.
  std::span<const uint64_t> owners(std::string_view text);
  /// One bit for each place in the order of rank: the candidates of which a deciding literal stands in the text, and whose first
  /// byte may be the text's; empty: none. The rest of what they ask is the caller's to confirm. `text`: not empty, padded. Valid until the next call.
  std::span<const uint64_t> candidates(std::string_view text);
  uint32_t at_place(size_t place) const { return order_[place]; }
  /// Whether a text may begin so for this candidate.
  bool may_begin(uint32_t candidate, std::string_view text) const {
    const uint32_t place = places_[candidate];
    return by_first_byte_[static_cast<uint8_t>(text[0]) * words_ + place / 64] >> (place % 64) & 1;
  }

 private:
  /// Sets of places, one after the other.
  using Sets = std::vector<uint64_t>;
  struct Start {
    std::string_view text;
    size_t set;
    uint64_t head, mask;  ///< its first bytes: most others differ in them
    bool owns;
    /// `other`: padded.
    bool begins(std::string_view other) const {
      uint64_t bytes;
      std::memcpy(&bytes, other.data(), sizeof bytes);
      return (bytes & mask) == head && other.starts_with(text);
    }
  };
  /// For texts of some first bytes: which of `scanned_` matter to them.
  struct Scan {
    std::vector<uint32_t> sets;
    LiteralScan literals;
  };
  void make_scans();
  void put_in_order(const Plan& plan, std::span<const FirstByteRow> rows);
  void decide(const Plan& plan, uint32_t candidate);
  size_t start_of(std::string_view text, bool owns);
  size_t scanned_of(std::string_view text);
  void add(Sets& sets, size_t set, uint32_t place) { sets[set * words_ + place / 64] |= uint64_t{1} << (place % 64); }
  bool find_deciding(std::string_view text, uint8_t first);
  void merge(const Sets& sets, size_t set);

  size_t words_ = 0;  ///< of a set
  std::vector<uint32_t> order_, places_;
  Sets by_first_byte_;  ///< 256
  Sets always_;         ///< one: those that no literal decides
  bool any_always_[256] = {};  ///< whether one of these may begin so
  Sets by_start_, by_scanned_;
  std::vector<Start> starts_[256];  ///< by their first byte
  bool owned_[256] = {};            ///< whether one of these owns its texts
  std::vector<std::string_view> scanned_;
  std::vector<Scan> scans_;
  uint32_t scan_of_[256] = {};  ///< by the text's first byte
  Sets result_, found_;
};

}  // namespace penstock::packs
