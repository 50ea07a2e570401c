#include "packs/document_parts.h"

#include "packs/json_path.h"

namespace penstock::packs {
namespace {

constexpr size_t kLevelsMax = 4;

class Parts {
 public:
  Parts(std::string_view object, std::string_view path, const FrameLimits& limits) : object_(object), path_(path), limits_(limits) {}

  FramedBody cut() {
    cut(object_, path_);
    return std::move(out_);
  }

 private:
  /// What stands before and behind an array, its brackets included, in the element (or document) that has it.
  struct Around {
    std::string_view before, behind;
  };

  /// `path`: what is left of it, from `text`, an element of what came before.
  bool cut(std::string_view text, std::string_view path) {
    const size_t star = path.find("[*]");
    const std::string_view array = member_at(text, keys(path.substr(0, star)));
    if (array.empty() || array[0] != '[' || depth_ == kLevelsMax) return fail(depth_ == 0 ? SplitResult::kMalformed : SplitResult::kFrameTooLarge, text);
    path = star == path.npos ? std::string_view{} : path.substr(star + 4);
    const auto begin = static_cast<size_t>(array.data() - text.data());
    const Around around{text.substr(0, begin + 1), text.substr(begin + array.size() - 1)};
    const size_t bytes = around.before.size() + around.behind.size();
    if (around_bytes_ + bytes > limits_.frame_bytes / 4) return fail(SplitResult::kFrameTooLarge, text);
    around_[depth_++] = around;
    around_bytes_ += bytes;
    const bool done = cut_array(array, path);
    around_bytes_ -= bytes;
    --depth_;
    return done;
  }

  bool cut_array(std::string_view array, std::string_view path) {
    JsonArrayElements elements(array);
    std::string_view element, group;
    const auto finish = [&] {
      if (group.data()) append(group);
      group = {};
    };
    for (;;) {
      const auto step = elements.next(element);
      if (step == JsonArrayElements::Step::kMalformed) return fail(SplitResult::kMalformed, array.substr(elements.offset()));
      if (step == JsonArrayElements::Step::kEnd) {
        if (!element.data()) return fail(SplitResult::kFrameTooLarge, array);  // of no event; what stands around it must not vanish
        return finish(), true;
      }
      // Elements that go together stand side by side, with what parts them.
      const auto together = static_cast<size_t>(element.data() + element.size() - group.data());
      if (group.data() && around_bytes_ + together <= limits_.frame_bytes) {
        group = {group.data(), together};
        continue;
      }
      finish();
      if (around_bytes_ + element.size() <= limits_.frame_bytes) group = element;
      else if (path.empty()) return fail(SplitResult::kFrameTooLarge, element);
      else if (!cut(element, path)) return false;
    }
  }

  void append(std::string_view elements) {
    std::string_view parts[2 * kLevelsMax + 1];
    size_t count = 0;
    for (size_t i = 0; i < depth_; ++i) parts[count++] = around_[i].before;
    parts[count++] = elements;
    for (size_t i = depth_; i-- > 0;) parts[count++] = around_[i].behind;
    append_frame(out_, {parts, count}, limits_);
  }

  bool fail(SplitResult result, std::string_view at) {
    out_.result = result;
    out_.offset = static_cast<size_t>(at.data() - object_.data());
    return false;
  }

  static JsonPath keys(std::string_view path) {
    JsonPath out;
    for (size_t end; out.count < JsonPath::kStepsMax; path.remove_prefix(end + 1)) {
      end = path.find('.');
      out.steps[out.count++] = path.substr(0, end);
      if (end == path.npos) break;
    }
    return out;
  }

  std::string_view object_, path_;
  FrameLimits limits_;
  FramedBody out_;
  Around around_[kLevelsMax];
  size_t depth_ = 0, around_bytes_ = 0;
};

}  // namespace

FramedBody document_parts(std::string_view object, std::string_view path, const FrameLimits& limits) { return Parts(object, path, limits).cut(); }

}  // namespace penstock::packs
