// Written numbers of a whole column at once against one text at a time.
#include "frames/number_texts.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "check.h"

using namespace penstock::frames;

static std::mt19937_64 rng(20260303);

static bool is_whole(const std::string& text) {
  return !text.empty() && text.size() <= 8 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         (text.size() == 1 || text[0] != '0');
}

static std::string some_text() {
  std::string text = rng() % 8 == 0 ? std::string(rng() % 3, '0') : std::string();
  for (size_t left = rng() % 10; left > 0; --left) text += rng() % 60 == 0 ? static_cast<char>(rng()) : static_cast<char>('0' + rng() % 10);
  return text;
}

static void wholes_stop_at_the_first_that_is_none() {
  for (size_t round = 0; round < 30'000; ++round) {
    std::vector<std::string> texts(1 + rng() % 20);
    std::string bytes;
    std::vector<uint32_t> lengths;
    for (std::string& text : texts) {
      do text = some_text();
      while (rng() % 30 != 0 && !is_whole(text));
      bytes += text;
      lengths.push_back(static_cast<uint32_t>(text.size()));
    }
    bytes.append(8, static_cast<char>('0' + rng() % 20));  // what follows is anything
    size_t wanted = 0;
    while (wanted < texts.size() && is_whole(texts[wanted])) ++wanted;
    std::vector<int64_t> values(texts.size());
    CHECK(parse_wholes(reinterpret_cast<const uint8_t*>(bytes.data()), lengths.data(), lengths.size(), values.data()) == wanted);
    for (size_t i = 0; i < wanted; ++i) CHECK(values[i] == std::stoll(texts[i]));
  }
}

int main() {
  wholes_stop_at_the_first_that_is_none();
  return check::done();
}
