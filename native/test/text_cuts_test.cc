// Cuts of many texts at once against one that goes byte by byte.
#include "frames/text_cuts.h"

#include <random>
#include <string>

#include "check.h"

using namespace penstock::frames;

static std::mt19937_64 rng(20260301);
static size_t below(size_t n) { return rng() % n; }

static bool bit(const std::vector<uint64_t>& words, size_t i) { return words[i / 64] >> i % 64 & 1; }

struct TextCut {
  uint32_t begin, end;
  bool operator==(const TextCut&) const = default;
};

static std::vector<TextCut> byte_by_byte(const std::vector<uint64_t>& delimiters, const std::vector<uint64_t>& marks,
                                         const std::vector<uint64_t>* dots, const std::vector<uint64_t>& borders, size_t size) {
  std::vector<TextCut> cuts;
  for (size_t at = 0; at < size;) {
    if (bit(delimiters, at)) {
      ++at;
      continue;
    }
    size_t end = at + 1;
    while (end < size && !bit(delimiters, end) && !bit(borders, end)) ++end;
    bool marked = false;
    for (size_t i = at; i < end; ++i) marked |= bit(marks, i);
    const size_t stop = dots && end - at > 1 && bit(*dots, end - 1) ? end - 1 : end;
    if (marked) cuts.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(stop)});
    at = end;
  }
  return cuts;
}

static void cuts_are_those_of_the_oracle() {
  for (size_t round = 0; round < 30'000; ++round) {
    const size_t size = 1 + below(round % 3 == 0 ? 200 : 520), words = size / 64 + 2;
    const size_t delimiter_share = 2 + below(30), mark_share = 1 + below(40), border_share = 1 + below(90);
    std::vector<uint64_t> delimiters(words), marks(words), dots(words), borders(words);
    const auto set = [](std::vector<uint64_t>& to, size_t i) { to[i / 64] |= uint64_t{1} << i % 64; };
    for (size_t i = 0; i < words * 64; ++i) {
      // Behind the texts there is anything, in their last word.
      if (i / 64 > size / 64 || below(delimiter_share) == 0) set(delimiters, i);
      if (i / 64 <= size / 64 && below(mark_share) == 0) set(marks, i);
      if (below(6) == 0) set(dots, i);
      if (i < size && below(border_share) == 0) set(borders, i);
    }
    set(borders, 0);
    set(borders, size);
    const bool with_dots = below(2) == 0;
    const std::vector<TextCut> wanted = byte_by_byte(delimiters, marks, with_dots ? &dots : nullptr, borders, size);
    const auto check = [&](auto find) {
      std::vector<uint64_t> overwritten = marks;
      std::vector<uint32_t> begins(size + 80), ends(size + 80);
      size_t found = find(delimiters.data(), overwritten.data(), with_dots ? dots.data() : nullptr, borders.data(), size, begins.data(), ends.data());
      while (found != 0 && begins[found - 1] >= size) --found;
      std::vector<TextCut> cuts;
      for (size_t i = 0; i < found; ++i) cuts.push_back({begins[i], ends[i]});
      CHECK(cuts == wanted);
    };
    check(find_cuts);
    check(find_cuts_scalar);
  }
}

int main() {
  cuts_are_those_of_the_oracle();
  return check::done();
}
