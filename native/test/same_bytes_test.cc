// Texts of each length that is compared in a way of its own, alike and with one byte that differs.
#include "packs/same_bytes.h"

#include <vector>

#include "check.h"

using penstock::packs::same_bytes;
using penstock::packs::same_text;

int main() {
  for (size_t size = 0; size <= 48; ++size) {
    // Of the very size, so that a byte read beyond is told by the sanitizer.
    std::vector<char> a(size), b(size);
    for (size_t i = 0; i < size; ++i) a[i] = b[i] = static_cast<char>('a' + i % 26);
    CHECK(same_bytes(a.data(), b.data(), size));
    for (char& byte : b) {
      byte ^= 1;
      CHECK(!same_bytes(a.data(), b.data(), size));
      CHECK(!same_text({a.data(), size}, {b.data(), size}));
      byte ^= 1;
    }
  }
  CHECK(same_text("", "") && same_text("name", "name") && !same_text("name", "names") && !same_text("names", "name"));
  return check::done();
}
