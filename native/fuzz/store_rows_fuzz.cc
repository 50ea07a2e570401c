// Any bytes as lines of events: a row per line that is not empty, each well-formed JSON.
#include <algorithm>
#include <cstdlib>

#include "journal/store_rows.h"
#include "kernels/json_text.h"
#include "kernels/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static penstock::StoreRows rows({"a", "b", "a.b", "@timestamp", "host.hostname"});
  const std::string lines(reinterpret_cast<const char*>(data), size);
  std::vector<char> out;
  rows.append(lines, out);
  size_t expected = 0;
  for (size_t at = 0; at < lines.size();) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    expected += end > at;
    at = end + 1;
  }
  std::string_view left(out.data(), out.size());
  size_t got = 0;
  for (; !left.empty(); ++got) {
    const size_t end = left.find('\n');
    if (end == std::string_view::npos) std::abort();
    const std::string row(left.substr(0, end));
    if (penstock::utf8_valid_prefix(row.data(), row.size()) != row.size()) std::abort();
    if (!penstock::is_json_text(row)) std::abort();
    left.remove_prefix(end + 1);
  }
  if (got != expected) std::abort();
  return 0;
}
