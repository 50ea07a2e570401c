//! Regular expressions for format packs: matching takes time linear in the text, whatever the pattern and the text.
//!
//! A pattern is compiled once in the process however many threads ask for it ([`Matcher::new`]); each thread has its own
//! [`Matcher`], whose searches share no lock and allocate nothing once its cache has grown to its bounded size.

#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod ffi;
pub mod ordered;
mod programs;

use std::sync::Arc;

use regex_automata::meta::{Cache, Regex};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};

/// Bounds of one pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Bytes of the compiled program; a pattern that needs more is refused.
    pub program_bytes: usize,
    /// Bytes of one thread's cache of one pattern.
    pub cache_bytes: usize,
}

/// Why a pattern was refused, in words for its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

/// The bytes a group matched: where they begin and end in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// Of a group that took no part in the match.
    pub const NONE: Span = Span { start: u32::MAX, end: u32::MAX };
}

/// One thread's handle on a compiled pattern.
pub struct Matcher {
    program: Arc<Regex>,
    cache: Cache,
    slots: Vec<Option<NonMaxUsize>>,
}

impl Matcher {
    /// Compiles `pattern`, or takes the program another thread has compiled. Spans are those of whole UTF-8 characters:
    /// a pattern that could match parts of one is refused.
    pub fn new(pattern: &str, limits: Limits) -> Result<Matcher, Refused> {
        let program = programs::get(pattern, limits)?;
        let cache = program.create_cache();
        let slots = vec![None; program.group_info().slot_len()];
        Ok(Matcher { program, cache, slots })
    }

    /// Groups, that of the whole match (0) included.
    pub fn groups(&self) -> usize {
        self.program.group_info().group_len(regex_automata::PatternID::ZERO)
    }

    /// Searches `text` from its start, for the leftmost match, or only at the start when `anchored`. Spans go to `spans`,
    /// as many as fit. False: no match; `spans` are as they were.
    pub fn find(&mut self, text: &[u8], anchored: bool, spans: &mut [Span]) -> bool {
        if text.len() >= u32::MAX as usize {
            return false;
        }
        let wanted = spans.len().saturating_mul(2).min(self.slots.len());
        let Some(slots) = self.slots.get_mut(..wanted) else { return false };
        let anchored = if anchored { Anchored::Yes } else { Anchored::No };
        let input = Input::new(text).anchored(anchored);
        if self.program.search_slots_with(&mut self.cache, &input, slots).is_none() {
            return false;
        }
        for (span, pair) in spans.iter_mut().zip(slots.chunks_exact(2)) {
            *span = match pair {
                [Some(start), Some(end)] => Span { start: start.get() as u32, end: end.get() as u32 },
                _ => Span::NONE,
            };
        }
        for span in spans.iter_mut().skip(wanted / 2) {
            *span = Span::NONE;
        }
        true
    }

    /// Bytes of the shared program and of this thread's cache.
    pub fn memory(&self) -> usize {
        self.program.memory_usage() + self.cache.memory_usage()
    }
}
