// Defects to be switched on in one build, which only the disk test makes: a test that cannot catch them proves nothing.
#pragma once

namespace penstock {

enum class Defect {
  kNone,
  kAcknowledgeBeforeSync,    ///< sync() says yes without asking the disk
  kForgetFailedSync,         ///< after a failed sync the next one counts, although the system dropped the pages
  kSkipBodyCheck,            ///< damaged bodies are handed out
  kKeepFailedWrite,          ///< bytes of a failed write stay, and the next group goes after them
  kIgnoreDirectorySync,      ///< a new segment's name may vanish
  kReuseNumbers,             ///< segment numbers of lost segments are given out again
  kAcceptUncommitted,        ///< groups count without their commit record
  kUnboundEntries,           ///< entries an earlier segment left in the file pass for this one's
  kBelieveOldHeader,         ///< the header an earlier segment left in the file counts
  kPublishFirst,             ///< a used file is written from front to back: the end mark goes before the group is whole
  kNoEndMark,                ///< a used file has no end mark
  kCount,
};

#ifdef PENSTOCK_CANARY
inline Defect planted = Defect::kNone;
#else
inline constexpr Defect planted = Defect::kNone;
#endif

/// False, and free, in every build but the canary's.
inline bool defect(Defect which) { return planted == which; }

}  // namespace penstock
