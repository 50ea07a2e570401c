#include "frames/templates.h"

#include <algorithm>

#include "frames/words.h"

namespace penstock::frames {
namespace {

constexpr size_t kVariablesKept = 4096;  ///< columns of all templates of a builder
constexpr uint32_t kNowhere = UINT32_MAX;

uint64_t fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

bool ends_quoted(uint8_t c) { return c == ' ' || c == ',' || c == ';' || c == ')' || c == ']' || c == '}'; }

}  // namespace

Templates::Templates(Cutting cutting, unsigned depth, uint64_t seed) : cutting_(cutting), depth_(depth), table_(64) {
  for (uint64_t& key : keys_) key = (seed = fold(seed + 0x9e3779b97f4a7c15ULL, 0xd1342543de82ef95ULL)) | 1;
}

Templates::~Templates() = default;

/// Its variables into begins_ and ends_; their number, or SIZE_MAX: too many.
[[gnu::always_inline]] inline size_t Templates::cut(const uint8_t* bytes, size_t begin, size_t end, const TextMasks& masks) {
  size_t count = 0;
  for (size_t at = begin; at < end;) {
    const size_t mark = next_bit(masks.marks, at, end);
    if (mark == end) break;
    size_t from, to;
    if (cutting_ == Cutting::kTokens && bytes[mark] == '"') [[unlikely]] {
      // What is quoted is one variable, spaces and all, when it ends where a value ends.
      const void* const quote = std::memchr(bytes + mark + 1, '"', end - mark - 1);
      if (!quote) {
        at = mark + 1;
        continue;
      }
      to = static_cast<size_t>(static_cast<const uint8_t*>(quote) - bytes);
      from = mark + 1;
      if (from == to || (to + 1 < end && !ends_quoted(bytes[to + 1]))) {
        at = mark + 1;
        continue;
      }
    } else {
      from = after_last_bit(masks.delimiters, mark, at);
      to = next_bit(masks.delimiters, mark, end);
      if (bytes[to - 1] == '.' && to - from > 1) --to;
    }
    if (count == kVariablesMax) return SIZE_MAX;
    begins_[count] = static_cast<uint32_t>(from);
    ends_[count++] = static_cast<uint32_t>(to);
    at = to;
    // The full stop of a sentence is a literal, although it is no delimiter.
    if (at < end && bytes[at] == '.') ++at;
  }
  return count;
}

[[gnu::always_inline]] inline uint64_t Templates::hash_of(const uint8_t* bytes, size_t begin, size_t end, TextCuts cuts,
                                                          size_t variables) const {
  // Two words of each literal, multiplied under keys that no sender knows; what has the same hash is compared all the same.
  uint64_t hash = variables;
  for (size_t i = 0; i <= variables; ++i) {
    const size_t to = i < variables ? cuts.begins[i] : end, size = to - begin;
    if (size != 0) {
      const uint64_t low = size >= 8 ? load64(bytes + begin) : load64(bytes + begin, size);
      const uint64_t high = size > 8 ? load64(bytes + to - 8) : 0;
      hash += fold(low ^ keys_[2 * i], (high + size) ^ keys_[2 * i + 1]);
    }
    if (i < variables) begin = cuts.ends[i];
  }
  return hash;
}

[[gnu::always_inline]] inline bool Templates::same(const Template& known, const uint8_t* bytes, size_t begin, size_t end,
                                                   TextCuts cuts, size_t variables) const {
  if (known.count != variables) return false;
  const uint16_t* const sizes = sizes_.data() + known.literals;
  const uint8_t* text = text_.data() + known.text;
  size_t differ = 0;
  for (size_t i = 0; i <= variables; ++i) {
    const size_t size = sizes[i], is = (i < variables ? cuts.begins[i] : end) - begin;
    differ |= (size ^ is) | differ_in_16(text, bytes + begin, size);
    if (size > 16) [[unlikely]] {
      if (differ != 0) return false;
      for (size_t at = 16; at < size; at += 16) differ |= differ_in_16(text + at, bytes + begin + at, size - at);
    }
    text += size;
    if (i < variables) begin = cuts.ends[i];
  }
  return differ == 0;
}

[[gnu::always_inline]] inline Templates::Template* Templates::find(const uint8_t* bytes, size_t begin, size_t end, TextCuts cuts,
                                                                   size_t variables, Scratch& scratch) {
  // Most texts are of a template that was met a short while ago: one comparison tells.
  const size_t size = (variables != 0 ? cuts.begins[0] : end) - begin;
  const uint64_t glance = (size == 0 ? 0 : load64(bytes + begin, size < 8 ? size : 8)) + (variables << 48 | size << 56);
  uint32_t& guess = guesses_[(glance * 0x9e3779b97f4a7c15ULL) >> 58];
  static_assert(kGuesses == 1 << (64 - 58));
  if (guess != 0 && guess < templates_.size() && same(templates_[guess], bytes, begin, end, cuts, variables)) return &templates_[guess];
  const uint64_t hash = hash_of(bytes, begin, end, cuts, variables);
  const size_t mask = table_.size() - 1;
  size_t slot = hash & mask;
  for (size_t probe = 0; table_[slot] != 0; slot = (slot + 1) & mask) {
    Template& known = templates_[table_[slot] - 1];
    if (known.hash == hash && same(known, bytes, begin, end, cuts, variables)) {
      guess = table_[slot] - 1;
      return &known;
    }
    if (++probe == kProbesMax) return nullptr;
  }
  return add(hash, bytes, begin, end, cuts, variables, scratch);
}

/// nullptr: there are too many already.
[[gnu::noinline]] Templates::Template* Templates::add(uint64_t hash, const uint8_t* bytes, size_t begin, size_t end,
                                                      TextCuts cuts, size_t variables, Scratch& scratch) {
  if (fresh_ >= kNewMax || templates_.size() >= kKept || scratch.variables + variables > kVariablesKept) return nullptr;
  for (size_t i = 0, from = begin; i <= variables; ++i) {
    if ((i < variables ? cuts.begins[i] : end) - from > UINT16_MAX) return nullptr;
    if (i < variables) from = cuts.ends[i];
  }
  Template made{hash, static_cast<uint32_t>(sizes_.size()), static_cast<uint32_t>(text_.size()),
                static_cast<uint32_t>(columns_of_.size()), static_cast<uint16_t>(variables), kNone, kNowhere};
  std::string context = "^";
  size_t from = begin;
  for (size_t i = 0; i <= variables; ++i) {
    const size_t size = (i < variables ? cuts.begins[i] : end) - from;
    sizes_.push_back(static_cast<uint16_t>(size));
    text_.bytes(bytes + from, size);
    context.append(reinterpret_cast<const char*>(bytes) + from, size);
    if (i == variables) break;
    constexpr size_t kContext = 12;
    if (context.size() > kContext) context.erase(0, context.size() - kContext);
    columns_of_.push_back(variable(context, scratch));
    context += '\1';
    from = cuts.ends[i];
  }
  text_.room(16);
  made.family = family_of(made);
  templates_.push_back(made);
  ++fresh_;
  if (templates_.size() * 2 > table_.size()) grow_table();
  else {
    size_t slot = hash & (table_.size() - 1);
    while (table_[slot] != 0) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = static_cast<uint32_t>(templates_.size());
  }
  return &templates_.back();
}

/// The family of a new template, which may be a new one; kNone: it has no variables, or shares a column with templates that have it elsewhere.
uint32_t Templates::family_of(const Template& made) {
  if (made.count == 0) return kNone;
  const uint32_t* const own = columns_of_.data() + made.variables;
  uint32_t family = kNone;
  for (size_t v = 0; v < made.count && family == kNone; ++v) family = places_[own[v]].family;
  const auto fresh = static_cast<uint32_t>(families_.size());
  if (family == kNone) family = fresh;
  else if (families_[family].count != made.count) return kNone;
  for (size_t v = 0; v < made.count; ++v) {
    const Place& place = places_[own[v]];
    if (place.family != kNone && (place.family != family || place.at != v)) return kNone;
    if (std::find(own, own + v, own[v]) != own + v) return kNone;
  }
  if (family == fresh) families_.push_back({made.count, 0, made.variables});
  for (size_t v = 0; v < made.count; ++v) {
    places_[own[v]] = {family, static_cast<uint16_t>(v)};
    families_[family].mixed |= uint64_t{own[v] != columns_of_[families_[family].variables + v]} << v;
  }
  return family;
}

void Templates::grow_table() {
  table_.assign(table_.size() * 2, 0);
  for (size_t t = 0; t < templates_.size(); ++t) {
    size_t slot = templates_[t].hash & (table_.size() - 1);
    while (table_[slot] != 0) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = static_cast<uint32_t>(t + 1);
  }
}

uint32_t Templates::variable(const std::string& key, Scratch& scratch) {
  const auto known = std::find(keys_of_.begin(), keys_of_.end(), key);
  if (known != keys_of_.end()) return static_cast<uint32_t>(known - keys_of_.begin());
  keys_of_.push_back(key);
  columns_.push_back(std::make_unique<TextColumn>(Cutting::kParts, depth_ + 1));
  places_.push_back({kNone, 0});
  ++scratch.variables;
  return static_cast<uint32_t>(columns_.size() - 1);
}

void Templates::enter(Template& used) {
  used.in_frame = static_cast<uint32_t>(used_.size());
  used_.push_back(static_cast<uint32_t>(&used - templates_.data()));
  fresh_bytes_ += 8;
  for (size_t i = 0; i <= used.count; ++i) fresh_bytes_ += sizes_[used.literals + i] + 3u;
}

/// The cuts of all texts, one after the other, into the scratch's. True: some texts have quotes, and are cut one by one.
bool Templates::find_all_cuts(const uint8_t* bytes, size_t size, const uint32_t* lengths, size_t count, const TextMasks& masks,
                              Scratch& scratch) {
  const bool tokens = cutting_ == Cutting::kTokens;
  const size_t words = size / 64 + 1;
  text_masks(bytes, size, cutting_, masks);
  if (size % 64 == 0) masks.delimiters[words - 1] = ~uint64_t{0}, masks.marks[words - 1] = 0;
  auto &borders = scratch.borders, &quotes = scratch.quotes;
  borders.assign(words + 1, 0);
  uint32_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    borders[at / 64] |= uint64_t{1} << at % 64;
    at += lengths[i];
  }
  borders[at / 64] |= uint64_t{1} << at % 64;
  uint64_t quoted = 0;
  if (tokens) {
    quotes.resize(std::max(quotes.size(), words + 1));
    for (size_t w = 0; w < words; ++w) quoted |= quotes[w] = masks.marks[w] & masks.delimiters[w];
    quotes[words] = 0;
  }
  auto &begins = scratch.begins[tokens ? 0 : 1], &ends = scratch.ends[tokens ? 0 : 1];
  begins.grow(size + 80 + kVariablesMax, 0);
  ends.grow(size + 80 + kVariablesMax, 0);
  const size_t found =
      find_cuts(masks.delimiters, masks.marks, tokens ? masks.dots : nullptr, borders.data(), size, begins.data(), ends.data());
  std::fill_n(begins.data() + found, kVariablesMax + 1, UINT32_MAX);
  if (quoted != 0) for (size_t w = 0; w < words; ++w) masks.marks[w] |= quotes[w];
  return quoted != 0;
}

void Templates::split(const uint8_t* bytes, size_t size, const uint32_t* lengths, size_t count, Scratch& scratch) {
  const size_t level = cutting_ == Cutting::kTokens ? 0 : 1, words = size / 64 + 3;
  if (scratch.delimiters[level].size() < words) {
    scratch.delimiters[level].resize(words);
    scratch.marks[level].resize(words);
    scratch.dots.resize(std::max(scratch.dots.size(), words));
  }
  const TextMasks masks{scratch.delimiters[level].data() + 1, scratch.dots.data(), scratch.marks[level].data() + 1};
  const bool quoted = find_all_cuts(bytes, size, lengths, count, masks, scratch);
  // Too many to remember: what comes next may be less diverse.
  if (templates_.size() >= kKept || scratch.variables >= kVariablesKept) forget(scratch);
  if (templates_.empty()) {
    templates_.push_back({0, 0, 0, 0, 1, kNone, kNowhere});
    sizes_.assign(2, 0);
    columns_of_.push_back(variable("", scratch));
    text_.room(16);
  }
  int64_t* const ids = ids_.room(count);
  TextCuts found{scratch.begins[level].data(), scratch.ends[level].data()};
  Run run{};
  size_t begin = 0, expected = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t end = begin + lengths[i];
    TextCuts cuts = found;
    // As many as the text before had, mostly.
    size_t variables = expected;
    if ((variables != 0 && cuts.begins[variables - 1] >= end) || cuts.begins[variables] < end)
      for (variables = 0; cuts.begins[variables] < end;) ++variables;
    expected = variables <= kVariablesMax ? variables : 0;
    found = found.from(variables);
    if (quoted && next_bit(scratch.quotes.data(), begin, end) != end) {
      variables = cut(bytes, begin, end, masks);
      cuts = {begins_, ends_};
    } else if (variables > kVariablesMax) {
      variables = SIZE_MAX;
    }
    Template* use = variables == SIZE_MAX ? nullptr : find(bytes, begin, end, cuts, variables, scratch);
    if (!use) {
      use = &templates_[0];
      variables = 1;
      begins_[0] = static_cast<uint32_t>(begin);
      ends_[0] = static_cast<uint32_t>(end);
      cuts = {begins_, ends_};
    }
    if (use->in_frame == kNowhere) enter(*use);
    ids[i] = use->in_frame;
    // Cuts of its own are not among those of the other texts.
    const uint32_t family = cuts.begins == begins_ ? kNone : use->family;
    if (run.texts != 0 && (family != run.family || run.texts == kRunMax)) {
      add_run(run, ids, bytes);
      run.texts = 0;
    }
    if (family == kNone) add_row(*use, bytes, cuts);
    else if (run.texts++ == 0) run = {family, 1, i, cuts};
    begin = end;
  }
  if (run.texts != 0) add_run(run, ids, bytes);
  ids_.used(count);
}

/// The variables of one text into their columns.
void Templates::add_row(const Template& of, const uint8_t* bytes, TextCuts cuts) {
  const uint32_t* const columns = columns_of_.data() + of.variables;
  for (size_t v = 0; v < of.count; ++v)
    columns_[columns[v]]->add_padded({reinterpret_cast<const char*>(bytes) + cuts.begins[v], cuts.ends[v] - cuts.begins[v]});
}

/// Those of the texts of a run.
void Templates::add_run(const Run& run, const int64_t* ids, const uint8_t* bytes) {
  const Family& family = families_[run.family];
  if (run.texts == 1) return add_row(templates_[used_[static_cast<size_t>(ids[run.first])]], bytes, run.cuts);
  const uint32_t* const columns = columns_of_.data() + family.variables;
  for (size_t v = 0; v < family.count; ++v) {
    const TextCuts cuts = run.cuts.from(v);
    if ((family.mixed >> v & 1) == 0) {
      size_t size = 0;
      for (size_t i = 0; i < run.texts * family.count; i += family.count) size += cuts.ends[i] - cuts.begins[i];
      columns_[columns[v]]->add_many(bytes, cuts, family.count, run.texts, size);
      continue;
    }
    for (size_t i = 0; i < run.texts; ++i) {
      const Template& of = templates_[used_[static_cast<size_t>(ids[run.first + i])]];
      const uint32_t from = cuts.begins[i * family.count], to = cuts.ends[i * family.count];
      columns_[columns_of_[of.variables + v]]->add_padded({reinterpret_cast<const char*>(bytes) + from, to - from});
    }
  }
}

void Templates::write(ColumnWriter& out) {
  ByteBuffer& head = out.sections.head;
  in_frame_.assign(columns_.size(), kNowhere);
  uint32_t variables = 0;
  for (size_t c = 0; c < columns_.size(); ++c)
    if (columns_[c]->count() != 0) in_frame_[c] = ++variables;
  head.varint(variables);
  head.varint(used_.size());
  for (const uint32_t t : used_) {
    const Template& known = templates_[t];
    const uint8_t* text = text_.data() + known.text;
    size_t literals = 0;
    for (size_t i = 0; i <= known.count; ++i) literals += sizes_[known.literals + i] != 0;
    head.varint(literals + known.count);
    for (size_t i = 0; i <= known.count; ++i) {
      const size_t size = sizes_[known.literals + i];
      if (size != 0) {
        head.varint(0);
        head.text({reinterpret_cast<const char*>(text), size});
        text += size;
      }
      if (i < known.count) head.varint(in_frame_[columns_of_[known.variables + i]]);
    }
  }
  ColumnWriter nested{out.sections, out.small, out.scratch, out.column, true};
  for (const auto& column : columns_) {
    if (column->count() == 0) continue;
    head.varint(column->count());
    column->write(nested);
  }
  ids_.write(nested);
}

void Templates::clear() {
  for (const auto& column : columns_)
    if (column->count() != 0) column->clear();
  for (const uint32_t t : used_) templates_[t].in_frame = kNowhere;
  used_.clear();
  ids_.clear();
  fresh_ = fresh_bytes_ = 0;
}

void Templates::forget(Scratch& scratch) {
  templates_.clear();
  std::fill(table_.begin(), table_.end(), 0);
  sizes_.clear();
  text_.clear();
  columns_of_.clear();
  for (const auto& column : columns_) column->forget(scratch);
  scratch.variables -= columns_.size();
  columns_.clear();
  keys_of_.clear();
  places_.clear();
  families_.clear();
}

}  // namespace penstock::frames
