// ECS JSON lines → rows of the local store: chosen fields under their dotted names, everything else in one object.
//   {"host":{"hostname":"a"},"custom":{"depth":3}}  →  {"host.hostname":"a","attrs":{"custom.depth":3}}
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace penstock {

class StoreRows {
 public:
  /// `columns`: dotted names; at most 256.
  explicit StoreRows(std::vector<std::string> columns);
  /// Appends one row per line of `lines` to `out`. Values are copied as they are written. A line that is no JSON object becomes a
  /// row that says so and carries it. Never fails.
  void append(std::string_view lines, std::vector<char>& out);

 private:
  void row(std::string_view line, std::vector<char>& out);
  void object(const char*& at, std::vector<char>& out, unsigned depth);
  void field(std::string_view value, std::vector<char>& out);

  std::vector<std::string> columns_;
  std::unordered_map<std::string_view, size_t> index_;
  std::vector<bool> seen_;
  const char* end_ = nullptr;  ///< of the line
  std::string path_;
  std::string attrs_;
};

}  // namespace penstock
