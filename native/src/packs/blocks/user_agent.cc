#include "packs/blocks/user_agent.h"

#include <algorithm>
#include <utility>

#include "kernels/utf8.h"

namespace penstock::packs {
namespace {

constexpr char kUnit = '\x1f';
constexpr size_t kGroups = 10;

std::string_view group_text(std::string_view text, const RegexSpan (&spans)[kGroups], size_t group) {
  const auto [start, end] = spans[group];
  return start == kNoSpan ? std::string_view{} : text.substr(start, end - start);
}

/// `template` with its groups put in, without blanks around.
void fill(std::string_view pattern, std::string_view text, const RegexSpan (&spans)[kGroups], std::string& out) {
  out.clear();
  for (size_t i = 0; i < pattern.size(); ++i) {
    const bool group = pattern[i] == '$' && i + 1 < pattern.size() && pattern[i + 1] >= '1' && pattern[i + 1] <= '9';
    if (group) out += group_text(text, spans, static_cast<size_t>(pattern[++i] - '0'));
    else out += pattern[i];
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out.erase(0, std::min(out.find_first_not_of(' '), out.size()));
}

uint64_t hash_of(std::string_view text) {
  uint64_t hash = text.size();
  size_t i = 0;
  for (uint64_t word; i + 8 <= text.size(); i += 8) {
    std::memcpy(&word, text.data() + i, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  }
  for (; i < text.size(); ++i) hash = (hash ^ static_cast<uint8_t>(text[i])) * 0x100000001b3ULL;
  return mix64(hash);
}

}  // namespace

bool UserAgents::compile(std::span<const std::string_view> rows, std::string& error) {
  std::string patterns[3];
  List* const lists[] = {&browsers_, &systems_, &devices_};
  for (std::string_view row : rows) {
    const auto take = [&row] {
      const size_t end = std::min(row.find(kUnit), row.size());
      const std::string_view item = row.substr(0, end);
      row.remove_prefix(std::min(end + 1, row.size()));
      return item;
    };
    const std::string_view kind = take();
    const size_t list = kind == "browser" ? 0 : kind == "system" ? 1 : kind == "device" ? 2 : 3;
    if (list == 3) return error = "a list of user agents has a row of another kind", false;
    if (!lists[list]->rows.empty()) patterns[list] += '\0';
    patterns[list] += take();
    Row& to = lists[list]->rows.emplace_back();
    for (std::string_view& part : to.templates) part = take();
  }
  for (size_t i = 0; i < 3; ++i)
    if (!lists[i]->rows.empty() && !lists[i]->patterns.compile(patterns[i], error)) return false;
  remembered_.resize(kRemembered);
  return true;
}

bool UserAgents::look_up(List& list, std::string_view text, std::string& name, std::string& version) {
  RegexSpan spans[kGroups];
  name.clear();
  version.clear();
  const int32_t place = list.patterns.find(text, spans, kGroups);
  if (place < 0) return false;
  const Row& row = list.rows[static_cast<size_t>(place)];
  std::string part;
  for (size_t i = 0; i < list.parts; ++i) {
    if (row.templates[i].empty()) part = group_text(text, spans, i + 1);
    else fill(row.templates[i], text, spans, part);
    if (i == 0) {
      name = part;
      continue;
    }
    if (part.empty()) break;
    if (!version.empty()) version += '.';
    version += part;
  }
  return !name.empty();
}

void UserAgents::answer(std::string_view text, Answer& out) {
  std::string unused;
  std::string(&values)[kAnswers] = out.values;
  if (!look_up(browsers_, text, values[kName], values[kVersion])) values[kName] = "Other";
  values[kSystemFull].clear();
  if (look_up(systems_, text, values[kSystem], values[kSystemVersion]) && values[kSystem] != "Other") {
    values[kSystemFull] = values[kSystem];
    if (!values[kSystemVersion].empty()) values[kSystemFull].append(" ").append(values[kSystemVersion]);
  } else {
    values[kSystem].clear();
  }
  if (!look_up(devices_, text, values[kDevice], unused)) values[kDevice] = "Other";
  out.text = text;
}

/// nullptr: a new text too many.
const UserAgents::Answer* UserAgents::remembered(std::string_view text) {
  const uint64_t hash = hash_of(text);
  Answer* const set = &remembered_[hash % (kRemembered / kWays) * kWays];
  size_t place = kWays - 1;
  for (size_t way = 0; way < kWays; ++way) {
    if (set[way].text.empty() && place == kWays - 1) place = way;
    if (set[way].text != text) continue;
    if (way + 1 < kWays) return &set[way];
    // A new text takes the last place where none is free; met again there, it is worth another.
    std::swap(set[way], set[way - 1]);
    return &set[way - 1];
  }
  if (allowance_ < kNewEvery) return nullptr;
  allowance_ -= kNewEvery;
  answer(text, set[place]);
  return &set[place];
}

BlockResult UserAgents::extract(std::string_view text, Arena& scratch, Extracted& out) {
  static constexpr std::string_view kNames[kAnswers] = {"user_agent.name",       "user_agent.version", "user_agent.os.name",
                                                        "user_agent.os.version", "user_agent.os.full", "user_agent.device.name"};
  if (text.size() > kTextMax) text = text.substr(0, utf8_valid_prefix(text.data(), kTextMax));
  if (text.empty() || remembered_.empty()) return BlockResult::kNoMatch;
  if (allowance_ < kNewMax * kNewEvery) ++allowance_;
  const Answer* const found = remembered(text);
  if (!found) return BlockResult::kNoMatch;
  const Answer& known = *found;
  for (size_t i = 0; i < kAnswers; ++i) {
    if (known.values[i].empty()) continue;
    // Copied: another text of the event may take this place.
    const std::string_view value = scratch.copy(known.values[i]);
    if (!value.data()) return out.note(BlockProblem::kScratchFull), BlockResult::kMatch;
    if (!out.add(kNames[i], value, kFieldRewritten)) break;
  }
  return BlockResult::kMatch;
}

}  // namespace penstock::packs
