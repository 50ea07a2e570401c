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

/// As RFC 3986 writes them: four numbers to 255 without leading zeros; SIZE_MAX: it is none.
static size_t address_of(const std::string& text) {
  size_t address = 0, at = 0;
  for (int octet = 0; octet < 4; ++octet) {
    size_t value = 0, digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < 4; ++at, ++digits) value = value * 10 + static_cast<size_t>(text[at] - '0');
    if (digits == 0 || digits > 3 || value > 255 || (digits > 1 && text[at - digits] == '0')) return SIZE_MAX;
    if (octet < 3 && (at == text.size() || text[at++] != '.')) return SIZE_MAX;
    address = address << 8 | value;
  }
  return at == text.size() ? address : SIZE_MAX;
}

static std::string some_address() {
  std::string text;
  for (int octet = 0; octet < 4; ++octet) {
    if (octet != 0) text += '.';
    // Numbers around what an octet can be, and with as many digits.
    text += rng() % 40 == 0 ? std::to_string(rng() % 1200) : std::to_string(rng() % 4 == 0 ? 245 + rng() % 11 : rng() % 256);
  }
  const size_t at = rng() % text.size();
  switch (rng() % 30) {
    case 0: text[at] = static_cast<char>(rng()); break;
    case 1: text.erase(at, 1); break;
    case 2: text.insert(at, 1, "0.1: "[rng() % 5]); break;
    case 3: text.resize(at); break;
    default: break;
  }
  return text;
}

static void addresses_stop_at_the_first_that_is_none() {
  size_t refused = 0, read = 0;
  for (size_t round = 0; round < 60'000; ++round) {
    std::vector<std::string> texts(1 + rng() % 20);
    std::string bytes;
    std::vector<uint32_t> lengths;
    for (std::string& text : texts) {
      text = some_address();
      bytes += text;
      lengths.push_back(static_cast<uint32_t>(text.size()));
    }
    for (int i = 0; i < 32; ++i) bytes += "0.1"[rng() % 3];  // what follows is anything
    size_t wanted = 0;
    while (wanted < texts.size() && address_of(texts[wanted]) != SIZE_MAX) ++wanted;
    std::vector<int64_t> values(texts.size());
    CHECK(parse_ipv4s(reinterpret_cast<const uint8_t*>(bytes.data()), lengths.data(), lengths.size(), values.data()) == wanted);
    for (size_t i = 0; i < wanted; ++i) CHECK(values[i] == static_cast<int64_t>(address_of(texts[i])));
    refused += wanted < texts.size();
    read += wanted;
  }
  CHECK(refused > 1000 && read > 100'000);
}

int main() {
  addresses_stop_at_the_first_that_is_none();
  wholes_stop_at_the_first_that_is_none();
  return check::done();
}
