#include <bit>

#include "frames/columns.h"

namespace penstock::frames {
namespace {

uint64_t fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// Keyed: who does not know the seed cannot make texts collide.
uint32_t hash_text(std::string_view text, uint64_t seed) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15ULL;
  uint64_t hash = fold(seed ^ text.size(), kOdd ^ seed);
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    hash = fold(hash ^ word, kOdd ^ seed);
  }
  uint64_t rest = 0;
  if (left != 0) std::memcpy(&rest, at, left);
  hash = fold(hash ^ rest, kOdd + seed);
  return static_cast<uint32_t>(hash ^ (hash >> 32));
}

}  // namespace

void TextColumn::add_to_dictionary(std::string_view text) {
  if (table_.empty()) grow_table();
  const uint32_t hash = hash_text(text, seed_);
  size_t slot = hash & (table_.size() - 1);
  for (; table_[slot] != 0; slot = (slot + 1) & (table_.size() - 1)) {
    const size_t id = table_[slot] - 1u;
    if (hashes_[id] == hash && lengths_[id] == text.size() && same(id, text)) return add_id(id);
  }
  // Too many that come only once: without the dictionary it is smaller and cheaper.
  if (entries_ == kEntriesMax || (entries_ > 64 && entries_ * 2 > count_)) {
    become_plain();
    return add_plain(text);
  }
  if (entries_ == starts_.size()) {
    starts_.resize(entries_ * 2 + 16);
    hashes_.resize(starts_.size());
  }
  if (entries_ == lengths_.size()) lengths_.resize(entries_ * 2 + 16);
  starts_[entries_] = static_cast<uint32_t>(bytes_.size());
  lengths_[entries_] = static_cast<uint32_t>(text.size());
  hashes_[entries_] = hash;
  bytes_.bytes(text.data(), text.size());
  table_[slot] = static_cast<uint16_t>(++entries_);
  add_id(entries_ - 1);
  if (entries_ * 2 > table_.size()) grow_table();
}

void TextColumn::grow_table() {
  table_.assign(table_.empty() ? 16 : table_.size() * 2, 0);
  for (size_t id = 0; id < entries_; ++id) {
    size_t slot = hashes_[id] & (table_.size() - 1);
    while (table_[slot] != 0) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = static_cast<uint16_t>(id + 1);
  }
}

void TextColumn::become_plain() {
  ByteBuffer bytes;
  std::vector<uint32_t> lengths(count_ * 2 + 64);
  for (size_t i = 0; i < count_; ++i) {
    const std::string_view text = entry(ids_[i]);
    bytes.bytes(text.data(), text.size());
    lengths[i] = static_cast<uint32_t>(text.size());
  }
  std::swap(bytes_, bytes);
  std::swap(lengths_, lengths);
  plain_ = true;
  frames_ = 0;
}

void TextColumn::write(ColumnWriter& writer) {
  Sections& out = writer.sections;
  if (plain_) {
    out.head.byte(static_cast<uint8_t>(TextCoding::kPlain));
    write_packed(out, lengths_.data(), count_);
    return out.blob(SectionKind::kText, bytes_.data(), bytes_.size());
  }
  if (entries_ == 1) {
    out.head.byte(static_cast<uint8_t>(TextCoding::kConst));
    return out.head.text(first());
  }
  out.head.byte(static_cast<uint8_t>(TextCoding::kDictionary));
  out.head.varint(entries_);
  for (size_t i = 0; i < entries_; ++i) out.head.varint(lengths_[i]);
  out.blob(SectionKind::kText, bytes_.data(), bytes_.size());
  write_ids(writer, ids_.data(), count_, entries_, small_);
}

void TextColumn::clear() {
  count_ = entries_ = last_ = 0;
  bytes_.clear();
  if (!table_.empty()) std::fill(table_.begin(), table_.end(), 0);
  if (plain_ && ++frames_ == kFramesSticky) plain_ = false;
}

}  // namespace penstock::frames
