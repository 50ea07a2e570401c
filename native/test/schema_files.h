// The compiled schemas of native/test/schemas/, in the order of their names: NAME.plan is what engine/validation makes of NAME.json.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace schema_test {

struct SchemaFile {
  std::string name;
  std::string plan;
};

/// Empty where the program does not run in the project's root.
inline std::vector<SchemaFile> schema_files() {
  std::vector<SchemaFile> files;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("native/test/schemas", gone)) {
    if (entry.path().extension() != ".plan") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files.push_back({entry.path().stem().string(), {std::istreambuf_iterator<char>(file), {}}});
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

}  // namespace schema_test
