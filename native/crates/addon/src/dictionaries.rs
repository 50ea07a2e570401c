//! `native/dictionaries.ts` is the typed face of these.

use napi::bindgen_prelude::{AsyncTask, Buffer, Uint32Array};
use napi::{Env, Task};
use napi_derive::napi;
use penstock_codecs::{CodecError, dictionary};

type Result<T> = napi::Result<T, &'static str>;

fn thrown(error: CodecError) -> napi::Error<&'static str> {
    napi::Error::new(error.code(), error.to_string())
}

/// Its id; frames that need it can be read from now on.
#[napi(catch_unwind)]
pub fn register_dictionary(bytes: &[u8]) -> Result<u32> {
    dictionary::register(bytes).map_err(thrown)
}

#[napi(catch_unwind)]
pub fn dictionary_id(bytes: &[u8]) -> Result<u32> {
    dictionary::id_of(bytes).map_err(thrown)
}

/// What came of training: the candidate, and the bytes of the samples held back with nothing, with the one in use, and with the candidate.
#[napi(object)]
pub struct Trial {
    pub candidate: Buffer,
    pub plain: f64,
    pub without: f64,
    pub current: f64,
    pub with: f64,
}

pub struct Training {
    samples: Vec<u8>,
    sizes: Vec<usize>,
    max: usize,
    current: Option<Vec<u8>>,
    level: i32,
}

/// Every so many samples one is held back.
const HELD_BACK: usize = 5;

impl Training {
    fn run(&self) -> penstock_codecs::Result<(Vec<u8>, [usize; 4])> {
        let (mut taught, mut taught_sizes) = (Vec::new(), Vec::new());
        let (mut held, mut held_sizes) = (Vec::new(), Vec::new());
        let mut from = 0usize;
        for (i, size) in self.sizes.iter().enumerate() {
            let sample = self.samples.get(from..from.saturating_add(*size)).ok_or(CodecError::Truncated)?;
            from += size;
            let (bytes, sizes) =
                if i % HELD_BACK == 0 { (&mut held, &mut held_sizes) } else { (&mut taught, &mut taught_sizes) };
            bytes.extend_from_slice(sample);
            sizes.push(*size);
        }
        let candidate = dictionary::train(&taught, &taught_sizes, self.max)?;
        let bytes = |with: Option<&[u8]>| dictionary::try_on(&held, &held_sizes, with, self.level);
        let without = bytes(None)?;
        let current = self.current.as_deref().map_or(Ok(without), |current| bytes(Some(current)))?;
        let with = bytes(Some(&candidate))?;
        Ok((candidate, [held.len(), without, current, with]))
    }
}

impl Task for Training {
    type Output = (Vec<u8>, [usize; 4]);
    type JsValue = Trial;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        self.run().map_err(|error| napi::Error::from_reason(error.to_string()))
    }

    fn resolve(&mut self, _env: Env, (candidate, bytes): Self::Output) -> napi::Result<Trial> {
        let [plain, without, current, with] = bytes.map(|count| count as f64);
        Ok(Trial { candidate: candidate.into(), plain, without, current, with })
    }
}

/// Trains a dictionary of at most `max` bytes on a thread of libuv's, and tries it on every fifth sample, which it has not seen.
#[napi(catch_unwind)]
pub fn train_dictionary(
    samples: &[u8],
    sizes: Uint32Array,
    max: u32,
    current: Option<&[u8]>,
    level: i32,
) -> AsyncTask<Training> {
    AsyncTask::new(Training {
        samples: samples.to_vec(),
        sizes: sizes.iter().map(|size| *size as usize).collect(),
        max: max as usize,
        current: current.map(<[u8]>::to_vec),
        level,
    })
}
