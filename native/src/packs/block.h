// A building block with its options, as a plan's rows give them.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "packs/blocks/date_format.h"
#include "packs/blocks/extracted.h"
#include "packs/blocks/headed.h"

namespace penstock::packs {

class Block {
 public:
  virtual ~Block() = default;
  /// As the blocks themselves (packs/blocks/extracted.h): kNoMatch leaves `out` as it was.
  virtual BlockResult extract(std::string_view text, Arena& scratch, Extracted& out) const = 0;
  /// Whether `extract` leaves nothing of `text` behind: then the text need not be kept beside what was taken out.
  virtual bool takes_whole(std::string_view /*text*/) const { return false; }
  /// Whether columns are what the sender declared: then `extract_declared` is called.
  virtual bool declared() const { return false; }
  virtual BlockResult extract_declared(std::string_view text, uint64_t /*sender*/, DeclaredColumnsTable& /*table*/, Arena& scratch,
                                       Extracted& out) const {
    return extract(text, scratch, out);
  }
  /// A block of dates: the text as ns since the epoch. False: it fits none of the formats.
  virtual bool time(std::string_view, const DateDefaults&, int64_t&) const { return false; }
};

/// The block called `kind` with `params` (each "name=value" or, for patterns, the pattern). nullptr, with the reason in
/// `error`, when there is none of that name or a parameter is wrong. The texts outlive it.
std::unique_ptr<Block> make_block(std::string_view kind, std::span<const std::string_view> params, std::string& error);

}  // namespace penstock::packs
