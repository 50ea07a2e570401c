//! The C face: a table of functions that the C++ addon is given the address of (native/src/packs/blocks/regex_abi.h).
//! No panic leaves it: a search that panics is no match.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{ptr, slice};

use crate::ordered::Ordered;
use crate::{Limits, Matcher, Span};

/// Changed whenever the table or a function in it changes.
pub const ABI_VERSION: u32 = 2;

/// Function pointers; the layout is that of `RegexAbi` in regex_abi.h.
#[repr(C)]
pub struct RegexAbi {
    version: u32,
    compile: unsafe extern "C" fn(*const u8, usize, usize, usize, *mut u8, usize) -> *mut Matcher,
    free: unsafe extern "C" fn(*mut Matcher),
    groups: unsafe extern "C" fn(*const Matcher) -> usize,
    find: unsafe extern "C" fn(*mut Matcher, *const u8, usize, bool, *mut Span, usize) -> bool,
    compile_list: unsafe extern "C" fn(*const u8, usize, usize, usize, *mut u8, usize) -> *mut Ordered,
    free_list: unsafe extern "C" fn(*mut Ordered),
    find_first: unsafe extern "C" fn(*mut Ordered, *const u8, usize, *mut Span, usize) -> i32,
}

pub static TABLE: RegexAbi =
    RegexAbi { version: ABI_VERSION, compile, free, groups, find, compile_list, free_list, find_first };

/// For a program without Node: the C++ tests load this crate's library and look the symbol up.
#[unsafe(no_mangle)]
pub extern "C" fn penstock_regex_abi() -> *const RegexAbi {
    &raw const TABLE
}

/// A matcher, or null: then `error` holds the reason, cut to its capacity and terminated.
///
/// # Safety
/// `pattern` has `size` readable bytes and `error` has `capacity` writable ones.
unsafe extern "C" fn compile(
    pattern: *const u8,
    size: usize,
    program_bytes: usize,
    cache_bytes: usize,
    error: *mut u8,
    capacity: usize,
) -> *mut Matcher {
    let made = catch_unwind(|| {
        // SAFETY: the caller's promise.
        let bytes = unsafe { bytes(pattern, size) };
        let pattern = std::str::from_utf8(bytes).map_err(|_| "the pattern is not UTF-8".to_owned())?;
        Matcher::new(pattern, Limits { program_bytes, cache_bytes }).map_err(|refused| refused.0)
    });
    // SAFETY: the caller's promise.
    unsafe { handed_over(made, error, capacity) }
}

/// What was made, or null and the reason.
///
/// # Safety
/// `error` has `capacity` writable bytes.
unsafe fn handed_over<T>(made: std::thread::Result<Result<T, String>>, error: *mut u8, capacity: usize) -> *mut T {
    let text = match made {
        Ok(Ok(made)) => return Box::into_raw(Box::new(made)),
        Ok(Err(text)) => text,
        Err(_) => "the compiler failed on this pattern".to_owned(),
    };
    let count = text.len().min(capacity.saturating_sub(1));
    if capacity > 0 {
        // SAFETY: `count` + 1 bytes fit in `capacity`, by the caller's promise writable.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), error, count);
            error.add(count).write(0);
        }
    }
    ptr::null_mut()
}

/// # Safety
/// `matcher` came from `compile` and is not used afterwards.
unsafe extern "C" fn free(matcher: *mut Matcher) {
    // SAFETY: the caller's promise.
    let owned = unsafe { Box::from_raw(matcher) };
    let _ = catch_unwind(AssertUnwindSafe(move || drop(owned)));
}

/// # Safety
/// `matcher` came from `compile`.
unsafe extern "C" fn groups(matcher: *const Matcher) -> usize {
    // SAFETY: the caller's promise.
    unsafe { &*matcher }.groups()
}

/// # Safety
/// `matcher` came from `compile` and one thread uses it at a time; `text` has `size` readable bytes, `spans` is not null and
/// has `count` writable ones.
unsafe extern "C" fn find(
    matcher: *mut Matcher,
    text: *const u8,
    size: usize,
    anchored: bool,
    spans: *mut Span,
    count: usize,
) -> bool {
    // SAFETY: the caller's promise.
    let (matcher, text, spans) = unsafe { (&mut *matcher, bytes(text, size), slice::from_raw_parts_mut(spans, count)) };
    catch_unwind(AssertUnwindSafe(|| matcher.find(text, anchored, spans))).unwrap_or(false)
}

/// As `compile`, of patterns with a NUL between.
///
/// # Safety
/// As of `compile`.
unsafe extern "C" fn compile_list(
    patterns: *const u8,
    size: usize,
    program_bytes: usize,
    cache_bytes: usize,
    error: *mut u8,
    capacity: usize,
) -> *mut Ordered {
    let made = catch_unwind(|| {
        // SAFETY: the caller's promise.
        let bytes = unsafe { bytes(patterns, size) };
        let patterns = std::str::from_utf8(bytes).map_err(|_| "the patterns are not UTF-8".to_owned())?;
        let list: Vec<&str> = patterns.split('\0').collect();
        Ordered::new(&list, Limits { program_bytes, cache_bytes }).map_err(|refused| refused.0)
    });
    // SAFETY: the caller's promise.
    unsafe { handed_over(made, error, capacity) }
}

/// # Safety
/// `list` came from `compile_list` and is not used afterwards.
unsafe extern "C" fn free_list(list: *mut Ordered) {
    // SAFETY: the caller's promise.
    let owned = unsafe { Box::from_raw(list) };
    let _ = catch_unwind(AssertUnwindSafe(move || drop(owned)));
}

/// The place of the first pattern that matches, or -1.
///
/// # Safety
/// As of `find`.
unsafe extern "C" fn find_first(
    list: *mut Ordered,
    text: *const u8,
    size: usize,
    spans: *mut Span,
    count: usize,
) -> i32 {
    // SAFETY: the caller's promise.
    let (list, text, spans) = unsafe { (&mut *list, bytes(text, size), slice::from_raw_parts_mut(spans, count)) };
    let found = catch_unwind(AssertUnwindSafe(|| list.find(text, spans))).unwrap_or(None);
    found.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1)
}

/// An empty text may come with a null pointer.
///
/// # Safety
/// `size` bytes at `data` are readable while the answer lives.
unsafe fn bytes<'a>(data: *const u8, size: usize) -> &'a [u8] {
    if size == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts(data, size) }
}
