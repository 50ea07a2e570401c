#include "frames/structured_data_piece.h"

namespace penstock::frames {
namespace {

/// {"id":{"name":"value",…},…}, and nothing that could be said in another way.
class Reader {
 public:
  Reader(std::string_view json, ValueRoom& room) : json_(json), room_(room) {}

  bool read() {
    if (!take("{")) return false;
    do {
      if (!room_.append("[") || !quoted() || !take(":{")) return false;
      for (bool more = !take("}"); more; more = take(",")) {
        if (!room_.append(" ") || !quoted() || !take(":") || !room_.append("=\"") || !quoted() || !room_.append("\"")) return false;
        if (take("}")) break;
        if (at_ >= json_.size() || json_[at_] != ',') return false;
      }
      if (!room_.append("]")) return false;
    } while (take(","));
    return take("}") && at_ == json_.size();
  }

 private:
  bool take(std::string_view text) { return json_.substr(at_, text.size()) == text && (at_ += text.size(), true); }
  bool quoted() {
    if (!take("\"")) return false;
    const size_t end = json_.find('"', at_);
    if (end == std::string_view::npos) return false;
    const std::string_view text = json_.substr(at_, end - at_);
    at_ = end + 1;
    return room_.append(text);
  }

  const std::string_view json_;
  ValueRoom& room_;
  size_t at_ = 0;
};

}  // namespace

bool append_structured_data(std::string_view json, ValueRoom& room) { return Reader(json, room).read(); }

}  // namespace penstock::frames
