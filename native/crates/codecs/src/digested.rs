//! Dictionaries as zstd reads with them: their tables are made once, not for every frame.

use std::sync::{Arc, Mutex, PoisonError};

use zstd_safe::DDict;

use crate::{CodecError, Result};

/// So many are kept, those that were used last; each takes its bytes twice and 30 KiB.
const KEPT: usize = 16;

pub struct Digested {
    bytes: Box<[u8]>,
    pub tables: DDict<'static>,
}

static RECENT: Mutex<Vec<Arc<Digested>>> = Mutex::new(Vec::new());

/// A dictionary, or raw content, ready to be read with, by every thread.
pub fn digested(dictionary: &[u8]) -> Result<Arc<Digested>> {
    let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
    let found = match recent.iter().position(|known| known.bytes.as_ref() == dictionary) {
        Some(at) => recent.remove(at),
        None => {
            let tables = DDict::try_create(dictionary)
                .ok_or_else(|| CodecError::Corrupt("the dictionary's tables are damaged".to_owned()))?;
            Arc::new(Digested { bytes: Box::from(dictionary), tables })
        }
    };
    recent.truncate(KEPT - 1);
    recent.insert(0, Arc::clone(&found));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Raw content, each another one.
    fn content(number: usize) -> Vec<u8> {
        format!("raw content number {number} of a dictionary").into_bytes()
    }

    #[test]
    fn those_used_last_are_kept_and_no_more() {
        let first = digested(&content(0)).unwrap();
        for number in 1..KEPT {
            digested(&content(number)).unwrap();
            assert!(Arc::ptr_eq(&first, &digested(&content(0)).unwrap()));
        }
        for number in KEPT..3 * KEPT {
            digested(&content(number)).unwrap();
        }
        assert!(RECENT.lock().unwrap().len() <= KEPT);
        assert!(!Arc::ptr_eq(&first, &digested(&content(0)).unwrap()));
    }

    #[test]
    fn damaged_tables_are_refused() {
        assert!(digested(&[0x37, 0xa4, 0x30, 0xec, 1, 0, 0, 0, 1]).is_err());
    }
}
