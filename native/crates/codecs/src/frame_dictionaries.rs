//! Which dictionary the frames of a route use, whether it pays, and the samples that the next one is trained on.

use std::collections::BTreeMap;

use crate::dictionary::{self, Reservoir};
use crate::zstd::{self, ZstdCompressor};
use crate::{CodecError, Result};

/// Plain frames from this size on find their own repetitions: a dictionary gains a few percent there, and nothing from 256 KiB on.
pub const SMALL_BYTES: usize = 64 << 10;
/// How often a frame is compressed both ways, to know what the dictionary gains.
const TRY_EVERY: u32 = 64;
/// Share of the bytes, in hundredths, that a dictionary is to leave at most, else it is not used until the next trial.
const LEAVES_MAX: u64 = 97;
/// Routes with a dictionary, or with samples, of which each takes a mebibyte: as many as there are figures of.
const ROUTES_MAX: usize = 64;

/// What a dictionary did, of the frames compressed both ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DictionaryFigures {
    /// 0: none.
    pub id: u32,
    pub without_bytes: u64,
    pub with_bytes: u64,
}

pub struct Used {
    text: ZstdCompressor,
    spare: Vec<u8>,
    frames: u32,
    trying: bool,
    pays: bool,
    trial: (u64, u64),
    figures: DictionaryFigures,
}

impl Used {
    fn new(dictionary: &[u8], level: i32) -> Result<Used> {
        let mut text = ZstdCompressor::for_small_frames(level)?;
        text.load_dictionary(dictionary)?;
        let figures = DictionaryFigures { id: dictionary::id_of(dictionary)?, ..Default::default() };
        Ok(Used { text, spare: Vec::new(), frames: 0, trying: false, pays: true, trial: (0, 0), figures })
    }

    pub fn id(&self) -> u32 {
        self.figures.id
    }

    /// Whether this dictionary compresses the next frame.
    fn begin_frame(&mut self) -> bool {
        self.trying = self.frames.is_multiple_of(TRY_EVERY);
        self.frames = self.frames.wrapping_add(1);
        self.trial = (0, 0);
        self.pays || self.trying
    }

    /// With the dictionary; now and then also without it, by `plainly`, to compare.
    pub fn compress(&mut self, plainly: &mut ZstdCompressor, source: &[u8], room: &mut [u8]) -> Result<Option<usize>> {
        if self.trying {
            self.spare.resize(zstd::bound(source.len()), 0);
            self.trial.0 += plainly.compress(source, &mut self.spare)?.unwrap_or(source.len()) as u64;
        }
        let size = self.text.compress(source, room)?;
        if self.trying {
            self.trial.1 += size.unwrap_or(source.len()) as u64;
        }
        Ok(size)
    }

    pub fn end_frame(&mut self) {
        if !self.trying || self.trial.0 == 0 {
            return;
        }
        self.pays = self.trial.1 * 100 <= self.trial.0 * LEAVES_MAX;
        self.figures.without_bytes += self.trial.0;
        self.figures.with_bytes += self.trial.1;
    }
}

/// Of one packer, by route.
pub struct FrameDictionaries {
    level: i32,
    used: BTreeMap<u32, Used>,
    reservoirs: BTreeMap<u32, Reservoir>,
    sampling: bool,
}

impl FrameDictionaries {
    pub fn new(level: i32) -> FrameDictionaries {
        FrameDictionaries { level, used: BTreeMap::new(), reservoirs: BTreeMap::new(), sampling: false }
    }

    pub fn set_level(&mut self, level: i32) -> Result<()> {
        self.level = level;
        self.used.values_mut().try_for_each(|used| used.text.set_level(level))
    }

    /// None: the route uses no dictionary any more.
    pub fn set(&mut self, route: u32, dictionary: Option<&[u8]>) -> Result<()> {
        let Some(dictionary) = dictionary else {
            self.used.remove(&route);
            return Ok(());
        };
        if self.used.len() >= ROUTES_MAX && !self.used.contains_key(&route) {
            return Err(CodecError::BadParameter(format!("{ROUTES_MAX} routes have a dictionary already")));
        }
        self.used.insert(route, Used::new(dictionary, self.level)?);
        Ok(())
    }

    /// The dictionary that the next frame of the route is compressed with.
    pub fn begin(&mut self, route: u32, plain_bytes: usize) -> Option<&mut Used> {
        if plain_bytes >= SMALL_BYTES {
            return None;
        }
        let used = self.used.get_mut(&route)?;
        used.begin_frame().then_some(used)
    }

    pub fn figures(&self, route: u32) -> DictionaryFigures {
        self.used.get(&route).map(|used| used.figures).unwrap_or_default()
    }

    pub fn set_sampling(&mut self, on: bool) {
        self.sampling = on;
        if !on {
            self.reservoirs.clear();
        }
    }

    /// A text of a frame of this size may become a sample.
    pub fn offer(&mut self, route: u32, plain_bytes: usize, text: &[u8]) {
        if !self.sampling || plain_bytes >= SMALL_BYTES {
            return;
        }
        if self.reservoirs.len() >= ROUTES_MAX && !self.reservoirs.contains_key(&route) {
            return;
        }
        self.reservoirs.entry(route).or_insert_with(|| Reservoir::new(u64::from(route) + 0x9e37)).offer(text);
    }

    /// The samples of a route, if at least `count` were seen; it begins anew then.
    pub fn take_samples(&mut self, route: u32, count: u64) -> Option<(Vec<u8>, Vec<usize>)> {
        self.reservoirs.get_mut(&route).filter(|reservoir| reservoir.seen() >= count).map(Reservoir::take)
    }
}
