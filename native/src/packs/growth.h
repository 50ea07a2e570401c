// How much larger than a document its elements may become, each of which repeats what the document says besides.
#pragma once

#include <cstddef>

namespace penstock::packs {

/// Whether events that repeat `bytes` in all are too much for what came with `document_bytes`: a sender would have memory and disk filled at little cost.
inline bool grows_too_much(size_t bytes, size_t document_bytes) { return bytes > 24 * document_bytes + 4096; }

}  // namespace penstock::packs
