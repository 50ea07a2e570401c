// The blocks a pack can name, each with its parameters read once.
#include "packs/block.h"
#include "packs/blocks/kv.h"

namespace penstock::packs {
namespace {

/// A block whose options are plain data.
template <typename Options, BlockResult (*kExtract)(std::string_view, const Options&, Arena&, Extracted&)>
class Plain final : public Block {
 public:
  explicit Plain(const Options& options) : options_(options) {}
  BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const override {
    return kExtract(text, options_, scratch, out);
  }

 private:
  Options options_;
};

using Params = std::span<const std::string_view>;

/// "name=value" at `i`.
struct Param {
  std::string_view name, value;
  explicit Param(std::string_view text) {
    const size_t equals = text.find('=');
    name = text.substr(0, equals);
    value = equals == text.npos ? std::string_view{} : text.substr(equals + 1);
  }
};

std::unique_ptr<Block> unknown(std::string_view name, std::string& error) {
  error = "a format pack gives a building block an option it does not know: " + std::string(name);
  return nullptr;
}


std::unique_ptr<Block> make_kv(Params params, bool logfmt, std::string& error) {
  KvOptions options = logfmt ? logfmt_options() : KvOptions{};
  bool own_pairs = false, own_values = false;
  for (const std::string_view text : params) {
    const Param param(text);
    if (param.name == "pairs" || param.name == "values") {
      Separators& set = param.name == "pairs" ? options.pairs : options.values;
      bool& own = param.name == "pairs" ? own_pairs : own_values;
      if (!own) set = Separators{};
      own = true;
      if (!set.add(param.value)) return unknown(text, error);
    } else if (param.name == "quotes") {
      options.quotes = ByteSet(param.value);
    } else if (param.name == "escapes") {
      options.escapes = param.value == "text" ? Escapes::kText : param.value == "doubled" ? Escapes::kDoubled
                        : param.value == "none" ? Escapes::kNone : Escapes::kBackslash;
    } else if (param.name == "spaces" && param.value == "in_values") {
      options.value_end = KvValueEnd::kAtNextName;
    } else if (param.name == "bare" && param.value == "keep") {
      options.keep_bare = true;
    } else {
      return unknown(text, error);
    }
  }
  return std::make_unique<Plain<KvProgram, extract_kv>>(KvProgram(options));
}

}  // namespace

std::unique_ptr<Block> make_block(std::string_view kind, std::span<const std::string_view> params, std::string& error) {
  if (kind == "kv") return make_kv(params, false, error);
  if (kind == "logfmt") return make_kv(params, true, error);
  error = "there is no building block " + std::string(kind);
  return nullptr;
}

}  // namespace penstock::packs
