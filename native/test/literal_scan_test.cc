// Which literals stand in a text: both variants against the plain search.
#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "kernels/common.h"
#include "kernels/cpu.h"
#include "kernels/literal_scan.h"

using namespace penstock;

namespace {

using Found = std::vector<bool>;

/// In memory of its own, with just the padding that is promised.
struct Padded {
  explicit Padded(std::string_view text) : bytes(new char[text.size() + kPadding]), size(text.size()) {
    std::memcpy(bytes.get(), text.data(), size);
    std::memset(bytes.get() + size, '%', kPadding);
  }
  std::string_view view() const { return {bytes.get(), size}; }
  std::unique_ptr<char[]> bytes;
  size_t size;
};

Found as_found(size_t count, const std::vector<uint64_t>& bits) {
  Found found(count);
  for (size_t i = 0; i < count; ++i) found[i] = (bits[i / 64] >> (i % 64) & 1) != 0;
  return found;
}

void check_all(std::span<const std::string_view> literals, std::string_view text) {
  LiteralScan scan;
  scan.build(literals);
  const Padded padded(text);
  Found expected;
  for (const std::string_view literal : literals) expected.push_back(text.find(literal) != text.npos);
  const bool any = std::find(expected.begin(), expected.end(), true) != expected.end();
  const auto run = [&](auto find) {
    std::vector<uint64_t> bits(scan.words());
    CHECK_EQ(find(scan.tables(), padded.view(), bits.data()), any);
    CHECK(as_found(literals.size(), bits) == expected);
  };
  run(find_literals_scalar);
#if defined(__x86_64__)
  if (cpu_has_avx2()) run(find_literals_avx2);
#endif
}

void known_texts() {
  constexpr std::string_view kLiterals[] = {"%", "=\"", "CEF:", "%ASA-", "devid=", " type=\"traffic\"", "\n", "LEEF:2.0|", "devid=FG", "aaa"};
  for (const std::string_view text : {"", "%", "x%", "CEF", "CEF:", "aCEF:0|x", "%ASA-6-302013: Built", "date=1 devid=\"FG\" type=\"traffic\"",
                                      "LEEF:2.0", "LEEF:2.0|a", "aaaa", "\xff\x80%ASA", "devid=FG"})
    check_all(kLiterals, text);
  // The padding is not the text's: it holds '%' everywhere.
  check_all(kLiterals, "no sign of it");
  check_all({}, "nothing to find");
}

void random_texts() {
  std::mt19937 random(20261121);
  const auto text = [&](size_t most, unsigned letters) {
    std::string out(random() % (most + 1), ' ');
    for (char& c : out) c = static_cast<char>(random() % 16 == 0 ? random() : 'a' + random() % letters);
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    const unsigned letters = 1 + random() % 6;
    std::vector<std::string> owned;
    for (size_t i = random() % 150; i > 0; --i) owned.push_back(text(8, letters) + 'a');
    const std::vector<std::string_view> literals(owned.begin(), owned.end());
    check_all(literals, text(200, letters));
  }
}

}  // namespace

int main() {
  known_texts();
  random_texts();
  return check::done();
}
