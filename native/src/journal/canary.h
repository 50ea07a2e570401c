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
