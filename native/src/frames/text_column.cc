#include <algorithm>
#include <utility>

#include "frames/number_texts.h"
#include "frames/templates.h"

namespace penstock::frames {
namespace {

// What a way costs is told in nanoseconds and bytes together: a byte that need not be stored, sent and read is worth about two.
constexpr double kByteWorth = 2;
constexpr double kPlainByteCost = 2.5 + kByteWorth * 0.45;  ///< of text: its time in zstd, and what is left of it
constexpr double kDictionaryCost = 9, kTypedCost = 7, kTemplateCost = 25, kVariableCost = 5;  ///< ns a value

constexpr size_t kCountMin = 8;          ///< fewer values are not worth a choice
constexpr size_t kExceptionsShare = 16;  ///< of a column's values, at most, are not of its type

uint64_t fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// Keyed: who does not know the seed cannot make texts collide. 8 bytes behind the text are readable.
uint32_t hash_text(std::string_view text, uint64_t seed) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15ULL;
  uint64_t hash = seed ^ text.size() * kOdd;
  const char* at = text.data();
  size_t left = text.size();
  uint64_t word;
  for (; left > 8; at += 8, left -= 8) {
    std::memcpy(&word, at, 8);
    hash = fold(hash ^ word, kOdd ^ seed);
  }
  std::memcpy(&word, at, 8);
  if (left != 0) hash ^= word & (~uint64_t{0} >> (64 - 8 * left));
  hash = fold(hash, kOdd + seed);
  return static_cast<uint32_t>(hash ^ (hash >> 32));
}

size_t digits_of(std::string_view pattern) {
  return static_cast<size_t>(std::count_if(pattern.begin(), pattern.end(), [](char c) { return c == 'x' || c == 'X'; }));
}

void write_coding(ByteBuffer& head, TextCoding coding) { head.byte(static_cast<uint8_t>(coding)); }

}  // namespace

TextColumn::TextColumn(Cutting cutting, unsigned depth) : cutting_(cutting), depth_(depth) {}
TextColumn::~TextColumn() = default;

bool TextColumn::make_room(std::string_view text) {
  if (uniform_) {
    if (count_ == 0) return start(text), false;
    expand();
  }
  if (length_ == lengths_end_) more_lengths(1);
  return true;
}

void TextColumn::more_lengths(size_t more) {
  const size_t count = uniform_ ? 0 : gathered();
  if (lengths_.size() - count < more) lengths_.grow((count + more) * 2 + 64, count);
  length_ = lengths_.data() + count;
  lengths_end_ = lengths_.data() + lengths_.size();
}

/// All values so far one after the other, as if they had been gathered.
void TextColumn::expand() {
  const size_t size = std::exchange(first_size_, kNoSize);
  more_lengths(count_ + 64);
  uniform_ = false;
  std::fill_n(length_, count_, static_cast<uint32_t>(size));
  length_ += count_;
  bytes_.room(size * count_ + 64);
  for (size_t i = 1; i < count_; ++i) {
    std::memcpy(bytes_.data() + i * size, bytes_.data(), size);
    bytes_.used(size);
  }
}

void TextColumn::add_many(const uint8_t* bytes, TextCuts cuts, size_t stride, size_t count, size_t most) {
  const uint32_t *begin = cuts.begins, *end = cuts.ends;
  size_t left = count;
  const auto next = [&] { begin += stride, end += stride, --left; };
  if (uniform_) {
    if (count_ == 0) {
      start({reinterpret_cast<const char*>(bytes) + *begin, *end - *begin});
      next();
    }
    for (; left != 0 && *end - *begin == first_size_ && same_bytes(bytes_.data(), bytes + *begin, first_size_); next()) ++count_;
    if (left == 0) return;
    expand();
  }
  if (static_cast<size_t>(lengths_end_ - length_) < left) [[unlikely]] more_lengths(left);
  uint32_t* length = std::exchange(length_, length_ + left);
  uint8_t* out = bytes_.room(most + 64);
  for (; left != 0; next()) {
    const uint8_t* const from = bytes + *begin;
    const uint32_t size = *end - *begin;
    std::memcpy(out, from, 16);
    std::memcpy(out + 16, from + 16, 16);
    for (size_t at = 32; at < size; at += 32) std::memcpy(out + at, from + at, 32);
    out += size;
    *length++ = size;
  }
  bytes_.used_up_to(out);
}

void TextColumn::write(ColumnWriter& out) {
  count_ = count();
  if (plain_) return write_plain(out);
  if (uniform_) {
    write_coding(out.sections.head, TextCoding::kConst);
    return out.sections.head.text(first());
  }
  bytes_.room(64);
  find_starts(out.scratch);
  const Sections::Mark mark = out.sections.mark();
  if (count_ < kCountMin) {
    if (write_as(Way::kDictionary, out)) return;
    out.sections.rollback(mark);
    return write_plain(out);
  }
  auto& [way, frames, sticky] = choices_[out.scratch.templates];
  const bool fresh = way == Way::kUndecided || ++frames >= sticky;
  if (fresh) choose(out);
  if (!write_as(way, out)) {
    out.sections.rollback(mark);
    if (fresh) way = Way::kPlain;
    else choose(out);
    if (!write_as(way, out)) {
      out.sections.rollback(mark);
      return write_plain(out);
    }
  }
  // No way takes more room than the bound of the frame's size allows.
  if (depth_ == 1 && out.sections.since(mark) > bytes_.size() + 4 * count_ + 64) {
    out.sections.rollback(mark);
    way = Way::kPlain;
    write_plain(out);
  }
}

bool TextColumn::write_as(Way way, ColumnWriter& out) {
  switch (way) {
    case Way::kDictionary: return write_dictionary(out);
    case Way::kTyped: return write_typed(out);
    case Way::kTemplates: return write_templates(out);
    default: return write_plain(out), true;
  }
}

/// The cheapest way of writing this frame's values, for the next frames too; what it costs.
double TextColumn::choose(ColumnWriter& out) {
  count_ = count();
  auto& choice = choices_[out.scratch.templates];
  Way& way = choice.way;
  choice.frames = 0;
  // Small frames: at first as often, later by the values they hold.
  const auto most = static_cast<unsigned>(std::max<size_t>(kFramesSticky, kValuesSticky / (count_ + 1)));
  choice.sticky = std::min(std::max(2 * choice.sticky, kFramesSticky), most);
  if (uniform_) return 0;
  bytes_.room(64);
  find_starts(out.scratch);
  const auto count = static_cast<double>(count_);
  way = Way::kPlain;
  double best = static_cast<double>(bytes_.size()) * kPlainByteCost + 3 * count;
  const auto offer = [&](Way offered, double cost) {
    if (cost < best) way = offered, best = cost;
  };
  const size_t entries = distinct(out.scratch, std::min(kEntriesMax, count_ / 2 + 64));
  if (entries != SIZE_MAX) {
    double text = 0;
    for (size_t i = 0; i < entries; ++i) text += lengths_[out.scratch.entries[i]] + 1;
    offer(Way::kDictionary, text * kPlainByteCost + count * (kDictionaryCost + kByteWorth * width_of(entries - 1) / 8));
  }
  TextType type = type_of(count_, [&](size_t i) { return value(out.scratch, i); });
  if (type.coding == TextCoding::kHex) {
    type_ = std::move(type);
    offer(Way::kTyped, count * (kTypedCost + kByteWorth * static_cast<double>(digits_of(type_.pattern)) / 2));
  } else if (type.coding != TextCoding::kPlain) {
    type_ = std::move(type);
    exceptions_.clear();
    if (parse_numbers(out.scratch)) offer(Way::kTyped, count * (kTypedCost + kByteWorth * numbers_.width() / 8));
    numbers_.clear();
  }
  constexpr double kWorth = 30;  // below this there is nothing to gain
  if (out.scratch.templates && depth_ < kTextDepthMax && best > kWorth * count && bytes_.size() >= 8 * count_) {
    split(out.scratch);
    offer(Way::kTemplates, templates_->choose(out) + kTemplateCost * count);
    if (way != Way::kTemplates) templates_->clear(), split_ = false;
  }
  find_starts(out.scratch);
  return best;
}

double Templates::choose(ColumnWriter& out) {
  double cost = static_cast<double>(fresh_bytes_) * kPlainByteCost;
  for (const auto& column : columns_) {
    if (column->count() != 0) cost += column->choose(out) + kVariableCost * static_cast<double>(column->count());
  }
  return cost + kByteWorth * static_cast<double>(ids_.count()) * width_of(used_.size() - 1) / 8;
}

void TextColumn::find_starts(Scratch& scratch) {
  if (scratch.starts.size() < count_) scratch.starts.resize(count_ * 2);
  uint32_t at = 0, longest = 0;
  const uint32_t* const lengths = lengths_.data();
  uint32_t* const starts = scratch.starts.data();
  for (size_t i = 0; i < count_; ++i) {
    starts[i] = at;
    at += lengths[i];
    longest = std::max(longest, lengths[i]);
  }
  longest_ = longest;
}

namespace {

/// A free place for each id, in a table twice as large.
void grow_table(std::vector<uint16_t>& table, const uint32_t* hashes, size_t entries) {
  const size_t size = table.size() * 2;
  table.assign(size, 0);
  for (size_t id = 0; id < entries; ++id) {
    size_t to = hashes[id] & (size - 1);
    while (table[to] != 0) to = (to + 1) & (size - 1);
    table[to] = static_cast<uint16_t>(id + 1);
  }
}

}  // namespace

/// As `distinct`, of values of at most 16 bytes: what is compared is two numbers.
size_t TextColumn::distinct_short(Scratch& scratch, size_t most) {
  auto& table = scratch.table;
  if (scratch.shorts.size() < kEntriesMax) scratch.shorts.resize(kEntriesMax);
  Scratch::Short* const known = scratch.shorts.data();
  const uint8_t* at = bytes_.data();
  const uint32_t* const lengths = lengths_.data();
  uint16_t *const ids = scratch.ids.data(), *places = table.data();
  const uint64_t seed = scratch.seed, other_seed = ~seed * 0x9e3779b97f4a7c15ULL;
  size_t entries = 0, mask = table.size() - 1;
  for (size_t i = 0; i < count_; ++i) {
    const size_t size = lengths[i];
    uint64_t low = load64(at), high = load64(at + 8);
    const size_t spare = 16 - size;  // bytes that are not its own
    const uint64_t ones = ~uint64_t{0};
    high = spare >= 8 ? 0 : high & ones >> 8 * spare;
    low = spare <= 8 ? low : spare == 16 ? 0 : low & ones >> 8 * (spare - 8);
    at += size;
    const uint64_t folded = fold(low ^ seed, high ^ other_seed ^ size);
    const auto hash = static_cast<uint32_t>(folded ^ folded >> 32);
    size_t place = hash & mask;
    size_t id;
    for (; (id = places[place]) != 0; place = (place + 1) & mask) {
      const Scratch::Short& one = known[id - 1];
      if (((one.low ^ low) | (one.high ^ high) | (one.size ^ size)) == 0) break;
    }
    if (id != 0) [[likely]] {
      ids[i] = static_cast<uint16_t>(id - 1);
      continue;
    }
    if (entries == most) return SIZE_MAX;
    known[entries] = {low, high, size};
    scratch.entries[entries] = static_cast<uint32_t>(i);
    scratch.hashes[entries] = hash;
    ids[i] = static_cast<uint16_t>(entries);
    places[place] = static_cast<uint16_t>(++entries);
    if (entries * 2 <= mask + 1) continue;
    grow_table(table, scratch.hashes.data(), entries);
    places = table.data();
    mask = table.size() - 1;
  }
  return entries_ = entries;
}

/// Ids of the values into scratch.ids, where each comes first into scratch.entries; how many there are, SIZE_MAX: more than `most`.
size_t TextColumn::distinct(Scratch& scratch, size_t most) {
  size_t size = 256;
  while (size < 4 * entries_) size *= 2;
  if (scratch.ids.size() < count_) scratch.ids.resize(count_ * 2);
  if (scratch.entries.size() < kEntriesMax) {
    scratch.entries.resize(kEntriesMax);
    scratch.hashes.resize(kEntriesMax);
  }
  auto& table = scratch.table;
  table.assign(size, 0);
  if (longest_ <= 16) return distinct_short(scratch, most);
  size_t entries = 0;
  std::string_view before(nullptr, SIZE_MAX);
  for (size_t i = 0; i < count_; ++i) {
    const std::string_view text = value(scratch, i);
    // Texts as long as these are mostly the one before again, or another every time.
    const bool again = text.size() == before.size() && same_bytes(before.data(), text.data(), text.size());
    before = text;
    if (again) {
      scratch.ids[i] = scratch.ids[i - 1];
      continue;
    }
    const uint32_t hash = hash_text(text, scratch.seed);
    size_t slot = hash & (size - 1);
    for (; table[slot] != 0; slot = (slot + 1) & (size - 1)) {
      const size_t id = table[slot] - 1u, known = scratch.entries[id];
      if (scratch.hashes[id] == hash && lengths_[known] == text.size() &&
          same_bytes(bytes_.data() + scratch.starts[known], text.data(), text.size())) {
        break;
      }
    }
    if (table[slot] == 0) {
      if (entries == most) return SIZE_MAX;
      scratch.entries[entries] = static_cast<uint32_t>(i);
      scratch.hashes[entries] = hash;
      table[slot] = static_cast<uint16_t>(++entries);
      scratch.ids[i] = static_cast<uint16_t>(entries - 1);
      if (entries * 2 <= size) continue;
      size *= 2;
      grow_table(table, scratch.hashes.data(), entries);
    } else {
      scratch.ids[i] = static_cast<uint16_t>(table[slot] - 1);
    }
  }
  return entries_ = entries;
}

bool TextColumn::write_dictionary(ColumnWriter& out) {
  Scratch& scratch = out.scratch;
  const size_t entries = distinct(scratch, std::min(kEntriesMax, count_ / 2 + (count_ < kCountMin ? 1 : 64)));
  if (entries == SIZE_MAX) return false;
  ByteBuffer& head = out.sections.head;
  write_coding(head, TextCoding::kDictionary);
  head.varint(entries);
  size_t total = 0;
  for (size_t i = 0; i < entries; ++i) {
    head.varint(lengths_[scratch.entries[i]]);
    total += lengths_[scratch.entries[i]];
  }
  uint8_t* to = out.sections.begin_blob(total, SectionKind::kText);
  for (size_t i = 0; i < entries; ++i) {
    const size_t size = lengths_[scratch.entries[i]];
    if (size != 0) std::memcpy(to, bytes_.data() + scratch.starts[scratch.entries[i]], size);
    to += size;
  }
  out.sections.end_blob(SectionKind::kText, total);
  write_ids(out, scratch.ids.data(), count_, entries, small_);
  return true;
}

/// Values as numbers, as `parse_numbers`: `parse_many` does as many as it can at once, `parse` one that stopped it.
template <class ParseMany, class Parse>
[[gnu::always_inline]] inline bool TextColumn::parse_at_once(const Scratch& scratch, int64_t* numbers, size_t& n, ParseMany parse_many, Parse parse) {
  const size_t most = count_ / kExceptionsShare;
  for (size_t i = 0; i < count_; ++i) {
    const size_t more = parse_many(bytes_.data() + scratch.starts[i], lengths_.data() + i, count_ - i, numbers + n);
    n += more;
    i += more;
    if (i == count_) break;
    if (parse(value(scratch, i), numbers[n])) ++n;
    else if (exceptions_.size() == most) return false;
    else exceptions_.push_back(static_cast<uint32_t>(i));
  }
  return true;
}

/// Values as numbers; what is not of the type into exceptions_. False: too many are not.
bool TextColumn::parse_numbers(const Scratch& scratch) {
  int64_t* const numbers = numbers_.room(count_);
  size_t n = 0;
  const size_t most = count_ / kExceptionsShare;
  const auto all = [&](auto parse) {
    for (size_t i = 0; i < count_; ++i) {
      if (parse(value(scratch, i), numbers[n])) [[likely]] ++n;
      else if (exceptions_.size() == most) return false;
      else exceptions_.push_back(static_cast<uint32_t>(i));
    }
    return true;
  };
  const unsigned digits = type_.digits;
  bool good;
  if (type_.coding == TextCoding::kIpv4) good = parse_at_once(scratch, numbers, n, parse_ipv4s, [](std::string_view, int64_t&) { return false; });
  else if (type_.coding == TextCoding::kDigits) good = all([&](std::string_view t, int64_t& v) { return parse_digits(t, digits, v); });
  else if (digits != 0) good = all([&](std::string_view t, int64_t& v) { return parse_decimal(t, digits, v); });
  else good = parse_at_once(scratch, numbers, n, parse_wholes, [](std::string_view t, int64_t& v) { return parse_decimal(t, 0, v); });
  numbers_.used(n);
  return good && n != 0;
}

/// The digits of hexadecimal values, one a byte, into scratch.bytes. False: too many values are not of the pattern.
bool TextColumn::parse_nibbles(Scratch& scratch, size_t digits) {
  if (scratch.bytes.size() < digits * count_ + kHexPadding) scratch.bytes.resize(2 * digits * count_ + kHexPadding);
  uint8_t* to = scratch.bytes.data();
  const bool bare = is_bare_hex(type_.pattern);
  for (size_t i = 0; i < count_; ++i) {
    if (parse_hex(value(scratch, i), type_.pattern, bare, to)) [[likely]] to += digits;
    else if (exceptions_.size() == count_ / kExceptionsShare) return false;
    else exceptions_.push_back(static_cast<uint32_t>(i));
  }
  *to = 0;
  return exceptions_.size() != count_;
}

bool TextColumn::write_typed(ColumnWriter& out) {
  ByteBuffer& head = out.sections.head;
  exceptions_.clear();
  const bool hex = type_.coding == TextCoding::kHex;
  const size_t digits = hex ? digits_of(type_.pattern) : 0;
  if (!(hex ? parse_nibbles(out.scratch, digits) : parse_numbers(out.scratch))) return numbers_.clear(), false;
  if (!exceptions_.empty()) {
    write_coding(head, TextCoding::kExceptions);
    head.varint(exceptions_.size());
    uint32_t next = 0;
    for (const uint32_t i : exceptions_) {
      head.varint(i - next);
      head.text(value(out.scratch, i));
      next = i + 1;
    }
  }
  write_coding(head, type_.coding);
  if (hex) {
    head.text(type_.pattern);
    const size_t size = ((count_ - exceptions_.size()) * digits + 1) / 2;
    uint8_t* const to = out.sections.begin_blob(size, SectionKind::kPacked);
    const uint8_t* from = out.scratch.bytes.data();
    for (size_t i = 0; i < size; ++i) to[i] = static_cast<uint8_t>(from[2 * i] << 4 | from[2 * i + 1]);
    out.sections.end_blob(SectionKind::kPacked, size);
    return true;
  }
  if (type_.coding != TextCoding::kIpv4) head.byte(static_cast<uint8_t>(type_.digits));
  numbers_.write(out);
  numbers_.clear();
  return true;
}

void TextColumn::split(Scratch& scratch) {
  if (!templates_) templates_ = std::make_unique<Templates>(cutting_, depth_, scratch.seed);
  templates_->split(bytes_.data(), bytes_.size(), lengths_.data(), count_, scratch);
  split_ = true;
}

bool TextColumn::write_templates(ColumnWriter& out) {
  if (!split_) split(out.scratch);
  write_coding(out.sections.head, TextCoding::kTemplates);
  templates_->write(out);
  templates_->clear();
  split_ = false;
  find_starts(out.scratch);
  return true;
}

void TextColumn::write_plain(ColumnWriter& out) {
  write_coding(out.sections.head, TextCoding::kPlain);
  write_packed(out.sections, lengths_.data(), count_);
  out.sections.blob_left(SectionKind::kText, bytes_.data(), bytes_.size());
}

void TextColumn::clear() {
  if (split_) templates_->clear();
  split_ = false;
  count_ = 0;
  length_ = lengths_end_ = nullptr;
  bytes_.clear();
  uniform_ = true;
  first_size_ = kNoSize;
}

void TextColumn::forget(Scratch& scratch) {
  if (templates_) templates_->forget(scratch);
}

}  // namespace penstock::frames
