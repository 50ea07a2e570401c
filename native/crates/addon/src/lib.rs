//! Table of contents of the Rust addon. Every exported function catches panics: none crosses into Node.

mod codecs;
mod dictionaries;
mod patterns;
