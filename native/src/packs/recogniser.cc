#include "packs/recogniser.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace penstock::packs {
namespace {

std::span<const ListRow> list_of(const Plan& plan, const FirstByteRow& row) {
  return plan.lists().subspan(row.list_first, row.list_count);
}

/// The literal that decides: how a text begins, else the one whose shortest text is the longest.
const LiteralRow* deciding_literal(const Plan& plan, const CandidateRow& candidate) {
  const LiteralRow* best = nullptr;
  size_t best_size = 0;
  for (const LiteralRow& row : plan.literals().subspan(candidate.literal_first, candidate.literal_count)) {
    const auto kind = static_cast<LiteralKind>(row.kind);
    if (kind != LiteralKind::kContains) return &row;
    size_t size = SIZE_MAX;
    for (const ListRow& item : plan.lists().subspan(row.list_first, row.list_count))
      size = std::min(size, plan.text(item.value).size());
    if (size > best_size) best = &row, best_size = size;  // an empty text stands in every text: it decides nothing
  }
  return best;
}

}  // namespace

void Recogniser::build(const Plan& plan, size_t first) {
  *this = Recogniser{};
  put_in_order(plan, plan.first_bytes().subspan(first, kFirstBytes));
  for (const uint32_t candidate : order_) decide(plan, candidate);
  make_scans();
  for (size_t byte = 0; byte < 256; ++byte)
    for (size_t word = 0; word < words_; ++word) any_always_[byte] |= (always_[word] & by_first_byte_[byte * words_ + word]) != 0;
  found_.assign((scanned_.size() + 63) / 64, 0);
  result_.assign(words_, 0);
}

// Texts that begin with a digit are looked through for other literals than those that begin with a letter.
void Recogniser::make_scans() {
  for (size_t byte = 0; byte < 256; ++byte) {
    std::vector<uint32_t> sets;
    for (uint32_t set = 0; set < scanned_.size(); ++set) {
      uint64_t wanted = 0;
      for (size_t word = 0; word < words_; ++word) wanted |= by_scanned_[set * words_ + word] & by_first_byte_[byte * words_ + word];
      if (wanted != 0) sets.push_back(set);
    }
    size_t scan = 0;
    while (scan < scans_.size() && scans_[scan].sets != sets) ++scan;
    scan_of_[byte] = static_cast<uint32_t>(scan);
    if (scan < scans_.size()) continue;
    std::vector<std::string_view> literals;
    for (const uint32_t set : sets) literals.push_back(scanned_[set]);
    scans_.emplace_back().sets = std::move(sets);
    scans_.back().literals.build(literals);
  }
}

void Recogniser::put_in_order(const Plan& plan, std::span<const FirstByteRow> rows) {
  places_.assign(plan.candidates().size(), kNone);
  for (const FirstByteRow& row : rows) {
    for (const ListRow& item : list_of(plan, row)) {
      if (places_[item.value] != kNone) continue;
      places_[item.value] = 0;
      order_.push_back(item.value);
    }
  }
  std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
    const uint32_t left = plan.candidates()[a].rank, right = plan.candidates()[b].rank;
    return left != right ? left < right : a < b;
  });
  for (uint32_t place = 0; place < order_.size(); ++place) places_[order_[place]] = place;
  words_ = (order_.size() + 63) / 64;
  always_.assign(words_, 0);
  by_first_byte_.assign(256 * words_, 0);
  for (size_t byte = 0; byte < rows.size(); ++byte)
    for (const ListRow& item : list_of(plan, rows[byte])) add(by_first_byte_, byte, places_[item.value]);
}

void Recogniser::decide(const Plan& plan, uint32_t candidate) {
  const uint32_t place = places_[candidate];
  const LiteralRow* literal = deciding_literal(plan, plan.candidates()[candidate]);
  if (!literal) return add(always_, 0, place);
  for (const ListRow& item : plan.lists().subspan(literal->list_first, literal->list_count)) {
    const std::string_view text = plan.text(item.value);
    const auto kind = static_cast<LiteralKind>(literal->kind);
    if (kind == LiteralKind::kContains) add(by_scanned_, scanned_of(text), place);
    else if (!text.empty()) add(by_start_, start_of(text, kind == LiteralKind::kOwns), place);
    else add(always_, 0, place);
  }
}

size_t Recogniser::start_of(std::string_view text, bool owns) {
  const auto first = static_cast<uint8_t>(text[0]);
  auto& starts = starts_[first];
  owned_[first] |= owns;
  for (Start& start : starts) {
    if (start.text != text) continue;
    start.owns |= owns;
    return start.set;
  }
  const size_t set = by_start_.size() / words_;
  by_start_.resize(by_start_.size() + words_);
  Start& start = starts.emplace_back(Start{text, set, 0, 0, owns});
  std::memcpy(&start.head, text.data(), std::min(text.size(), sizeof start.head));
  std::memset(&start.mask, 0xff, std::min(text.size(), sizeof start.mask));
  return set;
}

size_t Recogniser::scanned_of(std::string_view text) {
  const auto known = std::find(scanned_.begin(), scanned_.end(), text);
  if (known != scanned_.end()) return static_cast<size_t>(known - scanned_.begin());
  by_scanned_.resize(by_scanned_.size() + words_);
  scanned_.push_back(text);
  return scanned_.size() - 1;
}

void Recogniser::merge(const Sets& sets, size_t set) {
  for (size_t word = 0; word < words_; ++word) result_[word] |= sets[set * words_ + word];
}

std::span<const uint64_t> Recogniser::owners(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (!owned_[first]) return {};
  bool owned = false;
  std::fill(result_.begin(), result_.end(), 0);
  for (const Start& start : starts_[first]) {
    if (!start.begins(text)) continue;
    owned |= start.owns;
    merge(by_start_, start.set);
  }
  return owned ? std::span<const uint64_t>(result_) : std::span<const uint64_t>();
}

std::span<const uint64_t> Recogniser::candidates(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  // Most texts have no mark of any pack.
  if (!find_deciding(text, first)) {
    if (!any_always_[first]) return {};
    std::fill(result_.begin(), result_.end(), 0);
  }
  for (size_t word = 0; word < words_; ++word) result_[word] = (result_[word] | always_[word]) & by_first_byte_[first * words_ + word];
  return result_;
}

/// Into result_: what literals decide. False: nothing, and result_ is as it was.
bool Recogniser::find_deciding(std::string_view text, uint8_t first) {
  bool any = false;
  const auto begin = [&] {
    if (!any) std::fill(result_.begin(), result_.end(), 0);
    any = true;
  };
  for (const Start& start : starts_[first])
    if (start.begins(text)) begin(), merge(by_start_, start.set);
  const Scan& scan = scans_[scan_of_[first]];
  if (!scan.sets.empty() && scan.literals.find(text, found_.data())) {
    begin();
    for (size_t word = 0; word < scan.literals.words(); ++word) {
      for (uint64_t left = found_[word]; left != 0; left &= left - 1)
        merge(by_scanned_, scan.sets[word * 64 + static_cast<size_t>(std::countr_zero(left))]);
      found_[word] = 0;
    }
  }
  return any;
}

}  // namespace penstock::packs
