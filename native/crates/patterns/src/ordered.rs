//! Many patterns of which the first, in their order, that matches a text counts: lists such as those of user agents.
//!
//! One pass over the text finds the literals that patterns cannot match without: of each of a pattern's sets of literals one has to be
//! there. Only patterns of which all sets are met, and those that have none, are tried, one after the other. A pattern is compiled when
//! it is first tried, once in the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aho_corasick::AhoCorasick;
use regex_automata::Input;
use regex_automata::meta::{Config, Regex};
use regex_automata::util::primitives::NonMaxUsize;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::{Limits, Refused, Span};

/// Literals of one set; a longer list of alternatives decides nothing.
const LITERALS_MAX: usize = 1024;
/// Sets of one pattern: a bit each.
const SETS_MAX: usize = 8;
/// Shorter ones are in nearly every text.
const LITERAL_BYTES_MIN: usize = 2;

struct Program {
    sources: Vec<String>,
    compiled: Vec<OnceLock<Option<Arc<Regex>>>>,
    literals: AhoCorasick,
    /// By literal: the patterns that need it, and which of their sets it meets.
    owners: Vec<Vec<(u32, u8)>>,
    /// By pattern: its sets; 0 where no literal decides.
    wanted: Vec<u8>,
    limits: Limits,
}

/// One thread's handle on a list of patterns.
pub struct Ordered {
    program: Arc<Program>,
    /// By pattern: the sets that the text meets.
    met: Vec<u8>,
    slots: Vec<Option<NonMaxUsize>>,
}

impl Ordered {
    /// Takes over a list that another thread has made. Patterns are checked here and compiled later.
    pub fn new(patterns: &[&str], limits: Limits) -> Result<Ordered, Refused> {
        static KNOWN: Mutex<Option<HashMap<u64, Arc<Program>>>> = Mutex::new(None);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get_or_insert_with(HashMap::new);
        let key = hash_of(patterns);
        let program = match known.get(&key) {
            Some(program) if program.sources.iter().map(String::as_str).eq(patterns.iter().copied()) => {
                Arc::clone(program)
            }
            _ => {
                let program = Arc::new(Program::new(patterns, limits)?);
                known.retain(|_, other| Arc::strong_count(other) > 1);
                known.insert(key, Arc::clone(&program));
                program
            }
        };
        let met = vec![0; program.wanted.len()];
        Ok(Ordered { program, met, slots: Vec::new() })
    }

    /// The place of the first pattern that matches `text`, and the spans of its leftmost match, as many as fit.
    pub fn find(&mut self, text: &[u8], spans: &mut [Span]) -> Option<usize> {
        let program = Arc::clone(&self.program);
        self.met.fill(0);
        for found in program.literals.find_overlapping_iter(text) {
            for &(owner, set) in program.owners.get(found.pattern().as_usize()).into_iter().flatten() {
                if let Some(met) = self.met.get_mut(owner as usize) {
                    *met |= set;
                }
            }
        }
        for (place, wanted) in program.wanted.iter().enumerate() {
            if self.met.get(place) != Some(wanted) {
                continue;
            }
            if program.regex(place).is_some_and(|regex| self.matches(&regex, text, spans)) {
                return Some(place);
            }
        }
        None
    }

    fn matches(&mut self, regex: &Regex, text: &[u8], spans: &mut [Span]) -> bool {
        self.slots.clear();
        self.slots.resize(regex.group_info().slot_len().min(spans.len() * 2), None);
        // The pool's cache: one made for each search would cost more than the search.
        if regex.search_slots(&Input::new(text), &mut self.slots).is_none() {
            return false;
        }
        spans.fill(Span::NONE);
        for (span, pair) in spans.iter_mut().zip(self.slots.chunks_exact(2)) {
            if let [Some(start), Some(end)] = pair {
                *span = Span { start: start.get() as u32, end: end.get() as u32 };
            }
        }
        true
    }
}

impl Program {
    fn new(patterns: &[&str], limits: Limits) -> Result<Program, Refused> {
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut owners: Vec<Vec<(u32, u8)>> = Vec::new();
        let mut wanted = vec![0_u8; patterns.len()];
        for (i, (pattern, wanted)) in patterns.iter().zip(&mut wanted).enumerate() {
            let hir = regex_syntax::parse(pattern).map_err(|error| Refused(format!("{pattern}: {error}")))?;
            for (n, literals) in sets(&hir).into_iter().enumerate() {
                *wanted |= 1 << n;
                for literal in literals {
                    let place = *places.entry(literal).or_insert_with(|| {
                        owners.push(Vec::new());
                        owners.len() - 1
                    });
                    if let Some(of) = owners.get_mut(place) {
                        of.push((i as u32, 1 << n));
                    }
                }
            }
        }
        let mut texts: Vec<(Vec<u8>, usize)> = places.into_iter().collect();
        texts.sort_by_key(|(_, place)| *place);
        let literals = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(texts.iter().map(|(text, _)| text))
            .map_err(|error| Refused(error.to_string()))?;
        let sources = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let compiled = patterns.iter().map(|_| OnceLock::new()).collect();
        Ok(Program { sources, compiled, literals, owners, wanted, limits })
    }

    /// None: the pattern was refused, and never matches.
    fn regex(&self, place: usize) -> Option<Arc<Regex>> {
        let source = self.sources.get(place)?;
        self.compiled.get(place)?.get_or_init(|| compile(source, self.limits)).clone()
    }

    #[cfg(test)]
    fn always_count(&self) -> usize {
        self.wanted.iter().filter(|sets| **sets == 0).count()
    }
}

/// Without a lazy automaton, whose cache would be most of the memory: the texts are short, and each pattern sees few of them.
fn compile(pattern: &str, limits: Limits) -> Option<Arc<Regex>> {
    let config = Config::new()
        .nfa_size_limit(Some(limits.program_bytes))
        .onepass_size_limit(Some(limits.program_bytes))
        .hybrid(false);
    Regex::builder().configure(config).build(pattern).ok().map(Arc::new)
}

fn hash_of(patterns: &[&str]) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    patterns.hash(&mut hasher);
    hasher.finish()
}

/// The sets of `hir`, the most telling ones: one text of each stands in whatever it matches.
fn sets(hir: &Hir) -> Vec<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    gather(hir, &mut all);
    all.sort_by_key(|set| std::cmp::Reverse(rank(set)));
    all.dedup();
    all.truncate(SETS_MAX);
    all
}

fn gather(hir: &Hir, all: &mut Vec<Vec<Vec<u8>>>) {
    match hir.kind() {
        HirKind::Capture(capture) => gather(&capture.sub, all),
        HirKind::Repetition(repetition) if repetition.min > 0 => gather(&repetition.sub, all),
        HirKind::Concat(parts) => {
            let mut run = Vec::new();
            for part in parts {
                if let Some(mut text) = exact(part) {
                    run.append(&mut text);
                    continue;
                }
                all.extend(good(vec![std::mem::take(&mut run)]));
                gather(part, all);
            }
            all.extend(good(vec![run]));
        }
        _ => all.extend(required(hir)),
    }
}

/// Texts (lower case) of which at least one stands in whatever `hir` matches; None: no such texts are known.
fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    if let Some(text) = exact(hir) {
        return good(vec![text]);
    }
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.append(&mut required(branch)?);
            }
            all.sort_unstable();
            all.dedup();
            good(all)
        }
        HirKind::Concat(parts) => {
            let mut best: Option<Vec<Vec<u8>>> = None;
            let mut run = Vec::new();
            for part in parts {
                if let Some(mut text) = exact(part) {
                    run.append(&mut text);
                    continue;
                }
                best = better(best, good(vec![std::mem::take(&mut run)]));
                best = better(best, required(part));
            }
            better(best, good(vec![run]))
        }
        _ => None,
    }
}

fn good(literals: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    let long = literals.iter().all(|text| text.len() >= LITERAL_BYTES_MIN);
    (long && literals.len() <= LITERALS_MAX).then_some(literals)
}

/// How much a set tells: long texts are rarer than short ones, few than many.
fn rank(set: &[Vec<u8>]) -> (usize, usize) {
    (set.iter().map(Vec::len).min().unwrap_or(0).min(6), usize::MAX - set.len())
}

fn better(a: Option<Vec<Vec<u8>>>, b: Option<Vec<Vec<u8>>>) -> Option<Vec<Vec<u8>>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if rank(&a) >= rank(&b) { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// The one text, in lower case, that `hir` matches but for the case of ASCII letters.
fn exact(hir: &Hir) -> Option<Vec<u8>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(literal.0.to_ascii_lowercase()),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Class(Class::Bytes(class)) => {
            letter(class.ranges().iter().map(|range| (u32::from(range.start()), u32::from(range.end()))))
        }
        HirKind::Class(Class::Unicode(class)) => {
            letter(class.ranges().iter().map(|range| (u32::from(range.start()), u32::from(range.end()))))
        }
        HirKind::Concat(parts) => parts.iter().map(exact).collect::<Option<Vec<_>>>().map(|texts| texts.concat()),
        _ => None,
    }
}

/// The letter, where the class is one in both cases and nothing else.
fn letter(ranges: impl Iterator<Item = (u32, u32)>) -> Option<Vec<u8>> {
    let ranges: Vec<_> = ranges.collect();
    match ranges.as_slice() {
        &[(a, b), (c, d)] if a == b && c == d && a + 32 == c => {
            let lower = u8::try_from(c).ok()?;
            lower.is_ascii_lowercase().then(|| vec![lower])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { program_bytes: 1 << 20, cache_bytes: 1 << 19 };

    fn first(patterns: &[&str], text: &str) -> Option<(usize, Vec<String>)> {
        let mut spans = [Span::NONE; 4];
        let place = Ordered::new(patterns, LIMITS).unwrap().find(text.as_bytes(), &mut spans)?;
        let found = spans.iter().filter(|span| **span != Span::NONE);
        Some((place, found.map(|span| text[span.start as usize..span.end as usize].to_owned()).collect()))
    }

    #[test]
    fn the_first_in_order_counts_wherever_it_matches() {
        let patterns = [r"zeta/(\d+)", r"beta/(\d+)", r"[a-z]+/(\d+)"];
        assert_eq!(first(&patterns, "beta/1 zeta/2"), Some((0, vec!["zeta/2".into(), "2".into()])));
        assert_eq!(first(&patterns, "beta/1 beta/2"), Some((1, vec!["beta/1".into(), "1".into()])));
        assert_eq!(first(&patterns, "gamma/3"), Some((2, vec!["gamma/3".into(), "3".into()])));
        assert_eq!(first(&patterns, "gamma"), None);
    }

    #[test]
    fn literals_never_hide_a_match() {
        for (pattern, text) in [
            (r"(?i)fire(fox)?/\d", "xFIREfox/1"),
            (r"(?i:o)pera (mini|MOBI)", "Opera MOBI"),
            (r"(ab|cd)+ef", "abcdef"),
            (r"(?:ab){0,2}cd", "cd"),
            (r"a?b", "b"),
            (r"(|xyz)q", "q"),
            (r"[Kk]indle", "kindle"),
            (r"(?i)k", "\u{212a}"),
            (r"Mozilla.{1,9}(Mobile|Tablet)(?:; rv|).*Gecko", "Mozilla/5 (Tablet; Gecko"),
            (r"(ab){2,}.+(ab)", "ababxab"),
            (r"ab(c|)de(f|g)hi", "abdeghi"),
        ] {
            assert!(first(&[pattern], text).is_some(), "{pattern} in {text}");
        }
    }

    #[test]
    fn each_set_is_needed() {
        let program = Program::new(&["Mozilla.*(Flip|Insta)[.]", "ab(cd)?ef", "x{2}yz"], LIMITS).unwrap();
        let sets: Vec<u32> = program.wanted.iter().map(|sets| sets.count_ones()).collect();
        assert_eq!(sets, [2, 2, 1]);
    }

    #[test]
    fn most_are_decided_by_a_literal() {
        let program = Program::new(&["Firefox/x", r"\d+", "(?i)opera", "a|bc"], LIMITS).unwrap();
        assert_eq!(program.always_count(), 2);
    }

    #[test]
    fn a_bad_pattern_is_refused_by_name() {
        assert!(Ordered::new(&["a", "(b"], LIMITS).err().unwrap().0.starts_with("(b"));
    }
}
