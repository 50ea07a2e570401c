//! The programs of the process: each pattern compiled once, kept while a matcher uses it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use crate::{Limits, Refused};

/// Parentheses within each other; the parser recurses no further.
const NEST_MAX: u32 = 100;
/// Forgotten programs are cleared away when the table has grown by so many.
const SWEEP_EVERY: usize = 1024;

type Key = (String, Limits);

static PROGRAMS: LazyLock<Mutex<HashMap<Key, Weak<Regex>>>> = LazyLock::new(Mutex::default);

/// The compiled `pattern`. Other threads wait while one compiles: workers that load one plan compile it once.
pub fn get(pattern: &str, limits: Limits) -> Result<Arc<Regex>, Refused> {
    let mut programs = PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (pattern.to_owned(), limits);
    if let Some(known) = programs.get(&key).and_then(Weak::upgrade) {
        return Ok(known);
    }
    let program = Arc::new(compile(pattern, limits)?);
    if programs.len() % SWEEP_EVERY == SWEEP_EVERY - 1 {
        programs.retain(|_, program| program.strong_count() > 0);
    }
    programs.insert(key, Arc::downgrade(&program));
    Ok(program)
}

fn compile(pattern: &str, limits: Limits) -> Result<Regex, Refused> {
    let config = Config::new()
        .nfa_size_limit(Some(limits.program_bytes))
        .onepass_size_limit(Some(limits.program_bytes))
        .hybrid_cache_capacity(limits.cache_bytes);
    Regex::builder()
        .configure(config)
        .syntax(syntax::Config::new().nest_limit(NEST_MAX))
        .build(pattern)
        .map_err(|error| Refused(explained(&error)))
}

fn explained(error: &regex_automata::meta::BuildError) -> String {
    if let Some(limit) = error.size_limit() {
        return format!("the compiled pattern needs more than {limit} bytes");
    }
    match error.syntax_error() {
        Some(syntax) => syntax.to_string(),
        None => error.to_string(),
    }
}
