//! zstd dictionaries (RFC 8878, section 5) for frames too small to find their own repetitions: collecting samples, training, trying, and
//! those that this process knows.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::zstd::{self, Tuning, ZstdCompressor};
use crate::{CodecError, Result};

const MAGIC: [u8; 4] = [0x37, 0xa4, 0x30, 0xec];
/// No dictionary is larger: readers load them whole.
pub const BYTES_MAX: usize = 256 << 10;
/// Of those a process knows at once.
const KNOWN_MAX: usize = 4096;

/// The id a dictionary carries. Refuses what is none: raw content has no id, and nobody could ask for it.
pub fn id_of(dictionary: &[u8]) -> Result<u32> {
    let wrong = |why: &str| CodecError::BadParameter(format!("not a zstd dictionary: {why}"));
    if dictionary.len() > BYTES_MAX {
        return Err(wrong(&format!("it is larger than {BYTES_MAX} bytes")));
    }
    if dictionary.get(..4) != Some(&MAGIC) {
        return Err(wrong("it does not begin with 37 A4 30 EC"));
    }
    let id = dictionary.get(4..8).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes);
    if id == 0 {
        return Err(wrong("it has no id"));
    }
    // Its tables may be damaged all the same: zstd reads them here, once, not with the first frame.
    zstd::check_dictionary(dictionary)?;
    Ok(id)
}

/// A dictionary of at most `max` bytes for what the samples are like; they follow each other in `samples`.
pub fn train(samples: &[u8], sizes: &[usize], max: usize) -> Result<Vec<u8>> {
    if sizes.iter().try_fold(0usize, |sum, size| sum.checked_add(*size)) != Some(samples.len()) {
        return Err(CodecError::BadParameter("the samples are not as long as their sizes say".to_owned()));
    }
    let mut dictionary = vec![0; max.min(BYTES_MAX)];
    let size = zstd_safe::train_from_buffer(&mut dictionary[..], samples, sizes)
        .map_err(|code| CodecError::BadParameter(zstd_safe::get_error_name(code).to_owned()))?;
    dictionary.truncate(size);
    Ok(dictionary)
}

/// Bytes that the samples become, each by itself.
pub fn try_on(samples: &[u8], sizes: &[usize], dictionary: Option<&[u8]>, level: i32) -> Result<usize> {
    let mut compressor = ZstdCompressor::new(level, &Tuning::default())?;
    if let Some(dictionary) = dictionary {
        compressor.load_dictionary(dictionary)?;
    }
    let mut out = vec![0; zstd::bound(sizes.iter().copied().max().unwrap_or_default())];
    let mut from = 0usize;
    let mut total = 0;
    for size in sizes {
        let sample = samples.get(from..from.saturating_add(*size)).ok_or(CodecError::Truncated)?;
        total += compressor.compress(sample, &mut out)?.unwrap_or(*size).min(*size);
        from += size;
    }
    Ok(total)
}

static KNOWN: RwLock<BTreeMap<u32, Arc<[u8]>>> = RwLock::new(BTreeMap::new());

/// From now on frames that need this dictionary can be read, by every thread. Its id.
pub fn register(dictionary: &[u8]) -> Result<u32> {
    let id = id_of(dictionary)?;
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(other) = known.get(&id) {
        if other.as_ref() == dictionary {
            return Ok(id);
        }
        return Err(CodecError::BadParameter(format!("there is another dictionary with the id {id}")));
    }
    if known.len() >= KNOWN_MAX {
        return Err(CodecError::BadParameter(format!("{KNOWN_MAX} dictionaries are known already")));
    }
    known.insert(id, Arc::from(dictionary));
    Ok(id)
}

/// The dictionary registered with this id.
pub fn known(id: u32) -> Option<Arc<[u8]>> {
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
}

/// A fair choice of what passed by, within a bound (Vitter's algorithm R): each sample is kept with the same probability.
pub struct Reservoir {
    samples: Vec<Vec<u8>>,
    seen: u64,
    random: u64,
}

impl Reservoir {
    /// Samples kept, and the bytes of each, at most: a mebibyte together.
    pub const SAMPLES: usize = 512;
    pub const SAMPLE_BYTES: usize = 8 << 10;
    const TOTAL_BYTES: usize = 1 << 20;

    pub fn new(seed: u64) -> Reservoir {
        Reservoir { samples: Vec::new(), seen: 0, random: seed | 1 }
    }

    pub fn offer(&mut self, sample: &[u8]) {
        let sample = sample.get(..Self::SAMPLE_BYTES.min(sample.len())).unwrap_or_default();
        if sample.len() < 8 {
            return; // zstd's trainer wants more
        }
        self.seen += 1;
        if self.samples.len() < Self::SAMPLES && self.bytes() + sample.len() <= Self::TOTAL_BYTES {
            self.samples.push(sample.to_vec());
            return;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let at = (self.random % self.seen) as usize;
        let room = Self::TOTAL_BYTES.saturating_sub(self.bytes());
        if let Some(place) = self.samples.get_mut(at)
            && sample.len() <= place.len() + room
        {
            place.clear();
            place.extend_from_slice(sample);
        }
    }

    fn bytes(&self) -> usize {
        self.samples.iter().map(Vec::len).sum()
    }

    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// What was kept, one after the other, with their sizes; and begins anew.
    pub fn take(&mut self) -> (Vec<u8>, Vec<usize>) {
        let sizes = self.samples.iter().map(Vec::len).collect();
        let all = self.samples.concat();
        *self = Reservoir::new(self.random);
        (all, sizes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize, from: usize) -> (Vec<u8>, Vec<usize>) {
        let all: Vec<String> = (from..from + count)
            .map(|i| {
                format!(
                    "<38>Oct 11 22:14:15 host{} sshd[{}]: Failed password for user{} from 10.0.{}.{} port {} ssh2\n",
                    i % 7,
                    i * 31 % 9973,
                    i * 17 % 101,
                    i % 256,
                    i * 3 % 256,
                    i * 7919 % 65536
                )
            })
            .collect();
        (all.concat().into_bytes(), all.iter().map(String::len).collect())
    }

    #[test]
    fn a_trained_dictionary_gains_on_what_it_has_not_seen() {
        let (samples, sizes) = lines(2000, 0);
        let dictionary = train(&samples, &sizes, 8 << 10).unwrap();
        assert!(id_of(&dictionary).unwrap() > 0);
        let (others, their_sizes) = lines(200, 100_000);
        let without = try_on(&others, &their_sizes, None, 1).unwrap();
        let with = try_on(&others, &their_sizes, Some(&dictionary), 1).unwrap();
        assert!(with * 2 < without, "{with} of {without}");
    }

    #[test]
    fn what_is_no_dictionary_is_refused() {
        let (samples, sizes) = lines(2000, 0);
        let good = train(&samples, &sizes, 8 << 10).unwrap();
        for bad in [&b""[..], b"no dictionary at all", &good[..100], &[0x37, 0xa4, 0x30, 0xec, 0, 0, 0, 0, 1]] {
            assert!(register(bad).is_err());
        }
        let id = register(&good).unwrap();
        assert_eq!(register(&good).unwrap(), id, "again is nothing new");
        assert_eq!(known(id).unwrap().as_ref(), &good[..]);
        let mut other = good.clone();
        *other.last_mut().unwrap() ^= 1;
        assert!(register(&other).unwrap_err().to_string().contains("another dictionary"));
        assert!(known(id ^ 1).is_none());
    }

    #[test]
    fn too_few_samples_are_an_error() {
        assert!(train(b"12345678", &[8], 4096).is_err());
        assert!(train(b"", &[], 4096).is_err());
        assert!(train(b"123", &[8], 4096).is_err());
    }

    #[test]
    fn a_reservoir_keeps_its_bounds_and_is_fair() {
        let mut reservoir = Reservoir::new(7);
        let count = 100_000u32;
        for i in 0..count {
            let mut sample = vec![0; if i % 10 == 0 { 20_000 } else { 100 }];
            sample[..4].copy_from_slice(&i.to_le_bytes());
            reservoir.offer(&sample);
        }
        assert_eq!(reservoir.seen(), u64::from(count));
        let (bytes, sizes) = reservoir.take();
        assert!(bytes.len() <= 1 << 20 && sizes.len() <= Reservoir::SAMPLES && sizes.len() > 100);
        let mut late = 0;
        let mut from = 0;
        for size in &sizes {
            late += u32::from(u32::from_le_bytes(bytes[from..from + 4].try_into().unwrap()) > count / 2);
            from += size;
        }
        assert!(late > sizes.len() as u32 / 5, "{late} of {} are of the second half", sizes.len());
        assert_eq!(reservoir.take().1.len(), 0);
    }
}
