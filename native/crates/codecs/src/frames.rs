//! The sections of frames (docs/reference/frames.md): compressing those of a plain frame, decompressing those a reader wants.
//! What is in them is no concern of this module.

use std::sync::Arc;

use crate::crc32c::{crc32c, crc32c_on};
use crate::dictionary;
use crate::digested::digested;
use crate::frame_dictionaries::{FrameDictionaries, Used};
use crate::zstd::{self, Tuning, ZstdCompressor};
use crate::{CodecError, Result};

const MAGIC: [u8; 4] = [0x89, 0x46, 0x52, 0x4d];
const VERSION: u8 = 1;
const HEADER: usize = 64;
const ENTRY: usize = 16;
const SECTIONS_MAX: usize = 4096;
/// No frame holds more than this, decompressed.
const PLAIN_BYTES_MAX: usize = 512 << 20;

/// Where header fields are.
mod at {
    pub const VERSION: usize = 4;
    pub const SECTIONS: usize = 6;
    pub const DICTIONARY: usize = 12;
    pub const PLAIN_BYTES: usize = 36;
    pub const FRAME_BYTES: usize = 40;
    pub const CRC: usize = 60;
}

const STORED: u8 = 0;
const ZSTD: u8 = 1;
const KIND_IDS: u8 = 1;
const KIND_PACKED: u8 = 2;

/// How often the ways of compressing ids and packed numbers are compared anew; where packed numbers gained nothing, less and less often.
const FRAMES_STICKY: u32 = 16;
const FRAMES_STICKY_MAX: u32 = 256;
/// Packed numbers are mostly dense: they are compressed where at most this share of them is left, five in eight; with Huffman codes alone, which takes
/// half the time, unless zstd makes them smaller by a third again.
const PACKED_LEAVES: (usize, usize) = (5, 8);
/// What does not shrink by this share of itself stays as it is: stored sections cost readers nothing.
const GAIN_MIN: usize = 32;

struct Entry {
    method: u8,
    kind: u8,
    bytes: usize,
    plain_bytes: usize,
    crc: u32,
}

/// The way chosen for the section of this number; frames of one source have the same columns.
#[derive(Clone, Copy)]
struct Choice {
    way: Way,
    /// For so many frames more.
    frames: u32,
    /// For so many when packed numbers are stored again.
    sticky: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Stored,
    Huffman,
    Zstd,
}

/// Compresses frames. Owns its contexts: packing allocates nothing once they have grown.
pub struct Packer {
    sections: SectionPacker,
    packed: Vec<Entry>,
    pub dictionaries: FrameDictionaries,
}

struct SectionPacker {
    text: ZstdCompressor,
    huffman: ZstdCompressor,
    choices: Vec<Choice>,
    spare: Vec<u8>,
}

impl Packer {
    pub fn new(level: i32) -> Result<Packer> {
        // Entropy coding and hardly a match: the fastest level there is, with its literals compressed all the same.
        let mut huffman = ZstdCompressor::new(zstd_safe::min_c_level(), &Tuning::default())?;
        huffman.compress_literals()?;
        // The table of record batches: what whole events take is what records take.
        let text = ZstdCompressor::for_batches(level, &Tuning::default())?;
        Ok(Packer {
            sections: SectionPacker { text, huffman, choices: Vec::new(), spare: Vec::new() },
            packed: Vec::new(),
            dictionaries: FrameDictionaries::new(level),
        })
    }

    /// Other level of texts, from the next frame on.
    pub fn set_level(&mut self, level: i32) -> Result<()> {
        self.dictionaries.set_level(level)?;
        self.sections.text.set_level(level)
    }

    /// Packs a plain frame of a route into the start of `dst`. The bytes written, or None when `dst` has no room: then the plain frame serves.
    pub fn pack(&mut self, route: u32, plain: &[u8], dst: &mut [u8]) -> Result<Option<usize>> {
        let entries = read_entries(plain)?;
        let mut from = HEADER + ENTRY * entries.len();
        let mut to = from;
        if dst.len() < to {
            return Ok(None);
        }
        self.sections.begin(entries.len());
        self.packed.clear();
        let mut used = None;
        for (entry, source) in texts(plain, &entries) {
            if entry.plain_bytes == source.len() {
                self.dictionaries.offer(route, plain.len(), source);
            }
        }
        let mut dictionary = self.dictionaries.begin(route, plain.len());
        for (index, entry) in entries.iter().enumerate() {
            if entry.method != STORED || entry.bytes != entry.plain_bytes {
                return Err(CodecError::Corrupt("the frame is packed already".to_owned()));
            }
            let source = part(plain, from, entry.bytes)?;
            let room = dst.get_mut(to..).unwrap_or_default();
            let text = entry.kind != KIND_IDS && entry.kind != KIND_PACKED;
            let dictionary = dictionary.as_deref_mut().filter(|_| text);
            let id = dictionary.as_ref().map(|dictionary| dictionary.id());
            let Some((method, size)) = self.sections.pack(index, entry.kind, source, room, dictionary)? else {
                return Ok(None);
            };
            if method == ZSTD {
                used = used.or(id);
            }
            let stored = part(dst, to, size)?;
            self.packed.push(Entry {
                method,
                kind: entry.kind,
                bytes: size,
                plain_bytes: entry.plain_bytes,
                crc: crc32c(stored),
            });
            from += entry.bytes;
            to += size;
        }
        if let Some(dictionary) = dictionary {
            dictionary.end_frame();
        }
        let header = part(plain, 0, HEADER)?;
        write_frame_head(dst, header, &self.packed, to, used.unwrap_or(0))?;
        Ok(Some(to))
    }
}

impl SectionPacker {
    fn begin(&mut self, sections: usize) {
        let most = sections.max(self.choices.len());
        self.choices.resize(most, Choice { way: Way::Stored, frames: 0, sticky: FRAMES_STICKY });
    }

    fn pack(
        &mut self,
        index: usize,
        kind: u8,
        source: &[u8],
        room: &mut [u8],
        dictionary: Option<&mut Used>,
    ) -> Result<Option<(u8, usize)>> {
        let most = source.len() - source.len() / GAIN_MIN;
        let size = match kind {
            _ if source.len() < 32 => None,
            KIND_PACKED => self.packed(index, source, room)?,
            KIND_IDS => self.ids(index, source, room)?,
            _ => match dictionary {
                Some(dictionary) => dictionary.compress(&mut self.text, source, room)?,
                None => self.text.compress(source, room)?,
            },
        };
        if let Some(size) = size
            && size < most
        {
            return Ok(Some((ZSTD, size)));
        }
        let Some(place) = room.get_mut(..source.len()) else { return Ok(None) };
        place.copy_from_slice(source);
        Ok(Some((STORED, source.len())))
    }

    /// Ids: as zstd 1 makes them or with Huffman codes alone, whichever was smaller when both were tried.
    fn ids(&mut self, index: usize, source: &[u8], room: &mut [u8]) -> Result<Option<usize>> {
        let Some(choice) = self.choices.get_mut(index) else { return Ok(None) };
        if choice.frames > 0 {
            choice.frames -= 1;
            return match choice.way {
                Way::Zstd => self.text.compress(source, room),
                _ => self.huffman.compress(source, room),
            };
        }
        self.spare.resize(zstd::bound(source.len()), 0);
        let matched = self.text.compress(source, &mut self.spare)?;
        let coded = self.huffman.compress(source, room)?;
        choice.frames = FRAMES_STICKY - 1;
        choice.way = Way::Zstd;
        if coded.is_some() && (matched.is_none() || coded <= matched) {
            choice.way = Way::Huffman;
            return Ok(coded);
        }
        let Some(smaller) = matched.and_then(|size| self.spare.get(..size)) else { return Ok(None) };
        let Some(place) = room.get_mut(..smaller.len()) else { return Ok(None) };
        place.copy_from_slice(smaller);
        Ok(Some(smaller.len()))
    }

    /// Packed numbers: as they are, but where they repeat themselves or have few values.
    fn packed(&mut self, index: usize, source: &[u8], room: &mut [u8]) -> Result<Option<usize>> {
        let Some(choice) = self.choices.get_mut(index) else { return Ok(None) };
        if choice.frames > 0 {
            choice.frames -= 1;
            return match choice.way {
                Way::Stored => Ok(None),
                Way::Huffman => self.huffman.compress(source, room),
                Way::Zstd => self.text.compress(source, room),
            };
        }
        let coded = self.huffman.compress(source, room)?.unwrap_or(source.len());
        let matched = self.text.compress(source, room)?.unwrap_or(source.len());
        choice.way = if matched * 3 <= coded * 2 { Way::Zstd } else { Way::Huffman };
        let size = if choice.way == Way::Zstd { matched } else { coded };
        if size * PACKED_LEAVES.1 > source.len() * PACKED_LEAVES.0 {
            choice.way = Way::Stored;
            choice.frames = choice.sticky - 1;
            choice.sticky = (2 * choice.sticky).min(FRAMES_STICKY_MAX);
            return Ok(None);
        }
        choice.frames = FRAMES_STICKY - 1;
        choice.sticky = FRAMES_STICKY;
        // What stands in `room` is the last one made.
        if choice.way == Way::Zstd { Ok(Some(matched)) } else { self.huffman.compress(source, room) }
    }
}

/// The plain frame that `frame` was packed from. Refuses what is damaged or larger than `max` bytes.
pub fn unpack(frame: &[u8], max: usize) -> Result<Vec<u8>> {
    let entries = read_entries(frame)?;
    let dictionary = needed_dictionary(number(frame, at::DICTIONARY)?)?;
    let head = HEADER + ENTRY * entries.len();
    let total: usize = entries.iter().map(|entry| entry.plain_bytes).sum();
    if total > max.min(PLAIN_BYTES_MAX) {
        return Err(CodecError::TooLarge);
    }
    if total != number(frame, at::PLAIN_BYTES)? as usize {
        return Err(damaged("its sections are not as large as its header says"));
    }
    let mut plain = vec![0; head];
    let mut from = head;
    let dictionary = dictionary.as_deref().map(digested).transpose()?;
    let mut sections = zstd::Sections::new(dictionary.as_deref())?;
    let mut unpacked = Vec::with_capacity(entries.len());
    for entry in &entries {
        let stored = part(frame, from, entry.bytes)?;
        if crc32c(stored) != entry.crc {
            return Err(damaged("a section's checksum does not match"));
        }
        let start = plain.len();
        match entry.method {
            STORED => plain.extend_from_slice(stored),
            _ => sections.append(stored, entry.plain_bytes, &mut plain)?,
        }
        if plain.len() - start != entry.plain_bytes {
            return Err(damaged("a section is not as large as it says"));
        }
        let crc = crc32c(part(&plain, start, entry.plain_bytes)?);
        let size = entry.plain_bytes;
        unpacked.push(Entry { method: STORED, kind: entry.kind, bytes: size, plain_bytes: size, crc });
        from += entry.bytes;
    }
    if from != frame.len() {
        return Err(damaged("bytes follow its last section"));
    }
    let size = plain.len();
    write_frame_head(&mut plain, part(frame, 0, HEADER)?, &unpacked, size, 0)?;
    Ok(plain)
}

/// The dictionary of this id; 0: none is needed.
fn needed_dictionary(id: u32) -> Result<Option<Arc<[u8]>>> {
    if id == 0 {
        return Ok(None);
    }
    dictionary::known(id).map(Some).ok_or(CodecError::NoDictionary(id))
}

/// The sections that hold texts.
fn texts<'a>(plain: &'a [u8], entries: &'a [Entry]) -> impl Iterator<Item = (&'a Entry, &'a [u8])> {
    let mut from = HEADER + ENTRY * entries.len();
    entries.iter().filter_map(move |entry| {
        let bytes = plain.get(from..from.saturating_add(entry.bytes)).unwrap_or_default();
        from = from.saturating_add(entry.bytes);
        (entry.kind != KIND_IDS && entry.kind != KIND_PACKED).then_some((entry, bytes))
    })
}

fn damaged(why: &str) -> CodecError {
    CodecError::Corrupt(format!("the frame is damaged: {why}"))
}

fn part(bytes: &[u8], from: usize, size: usize) -> Result<&[u8]> {
    bytes.get(from..from.saturating_add(size)).ok_or(CodecError::Truncated)
}

fn number(bytes: &[u8], from: usize) -> Result<u32> {
    let four = part(bytes, from, 4)?.try_into().map_err(|_| CodecError::Truncated)?;
    Ok(u32::from_le_bytes(four))
}

/// The section entries of a whole, undamaged header.
fn read_entries(frame: &[u8]) -> Result<Vec<Entry>> {
    let header = part(frame, 0, HEADER)?;
    if header.get(..4) != Some(&MAGIC) {
        return Err(CodecError::Corrupt("not a frame: it does not begin with 89 46 52 4D".to_owned()));
    }
    if header.get(at::VERSION) != Some(&VERSION) {
        return Err(CodecError::Corrupt("the frame has a version this reader does not know".to_owned()));
    }
    let sections = (number(header, at::SECTIONS - 2)? >> 16) as usize;
    if sections == 0 || sections > SECTIONS_MAX {
        return Err(damaged("its number of sections is out of bounds"));
    }
    if number(header, at::FRAME_BYTES)? as usize != frame.len() {
        return Err(damaged("its size is not the one its header says"));
    }
    let table = part(frame, HEADER, ENTRY * sections)?;
    if crc32c_on(crc32c(part(header, 0, at::CRC)?), table) != number(header, at::CRC)? {
        return Err(damaged("the checksum of its header does not match"));
    }
    table
        .chunks_exact(ENTRY)
        .map(|raw| {
            let [method, kind, 0, 0, ..] = *raw else { return Err(damaged("a section's entry is malformed")) };
            if method > ZSTD || kind > KIND_PACKED {
                return Err(damaged("a section is compressed in a way this reader does not know"));
            }
            let size = |from| number(raw, from).map(|n| n as usize);
            Ok(Entry { method, kind, bytes: size(4)?, plain_bytes: size(8)?, crc: number(raw, 12)? })
        })
        .collect()
}

fn write_frame_head(frame: &mut [u8], header: &[u8], entries: &[Entry], size: usize, dictionary: u32) -> Result<()> {
    let plain: usize = entries.iter().map(|entry| entry.plain_bytes).sum();
    let mut head = header.to_vec();
    put(&mut head, at::PLAIN_BYTES, plain)?;
    put(&mut head, at::FRAME_BYTES, size)?;
    put(&mut head, at::DICTIONARY, dictionary as usize)?;
    for entry in entries {
        head.extend_from_slice(&[entry.method, entry.kind, 0, 0]);
        let from = head.len();
        head.extend_from_slice(&[0; 12]);
        put(&mut head, from, entry.bytes)?;
        put(&mut head, from + 4, entry.plain_bytes)?;
        put(&mut head, from + 8, entry.crc as usize)?;
    }
    let crc = crc32c_on(crc32c(part(&head, 0, at::CRC)?), part(&head, HEADER, head.len() - HEADER)?);
    put(&mut head, at::CRC, crc as usize)?;
    frame.get_mut(..head.len()).ok_or(CodecError::Truncated)?.copy_from_slice(&head);
    Ok(())
}

fn put(bytes: &mut [u8], from: usize, value: usize) -> Result<()> {
    let value = u32::try_from(value).map_err(|_| CodecError::TooLarge)?;
    bytes.get_mut(from..from + 4).ok_or(CodecError::Truncated)?.copy_from_slice(&value.to_le_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plain frame of sections of these kinds.
    fn plain_frame(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
        let mut header = vec![0; HEADER];
        header[..4].copy_from_slice(&MAGIC);
        header[at::VERSION] = VERSION;
        header[at::SECTIONS] = u8::try_from(sections.len()).unwrap();
        let mut frame = vec![0; HEADER + ENTRY * sections.len()];
        let mut entries = Vec::new();
        for (kind, bytes) in sections {
            let size = bytes.len();
            entries.push(Entry { method: STORED, kind: *kind, bytes: size, plain_bytes: size, crc: crc32c(bytes) });
            frame.extend_from_slice(bytes);
        }
        let size = frame.len();
        write_frame_head(&mut frame, &header, &entries, size, 0).unwrap();
        frame
    }

    /// Numbers of 16 bits with `values` different ones, in an order that does not repeat.
    fn numbers(values: u32) -> Vec<u8> {
        let mut state = 1u32;
        let next = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) % values) * 997
        });
        next.take(2000).flat_map(|number| (number as u16).to_le_bytes()).collect()
    }

    #[test]
    fn packed_numbers_are_compressed_where_they_are_few() {
        let frame = plain_frame(&[(0, b"head".to_vec()), (KIND_PACKED, numbers(4)), (KIND_PACKED, numbers(65_536))]);
        let mut packer = Packer::new(1).unwrap();
        let mut room = vec![0; frame.len() + 64];
        for _ in 0..3 * FRAMES_STICKY {
            let size = packer.pack(0, &frame, &mut room).unwrap().unwrap();
            let packed = &room[..size];
            let methods: Vec<u8> = read_entries(packed).unwrap().iter().map(|entry| entry.method).collect();
            assert_eq!(methods, [STORED, ZSTD, STORED]);
            assert!(size < frame.len() - 2000);
            assert_eq!(unpack(packed, usize::MAX).unwrap(), frame);
        }
    }

    #[test]
    fn other_numbers_in_the_same_place_are_packed_otherwise_soon() {
        let [few, many] =
            [4, 65_536].map(|values| plain_frame(&[(0, b"head".to_vec()), (KIND_PACKED, numbers(values))]));
        let mut packer = Packer::new(1).unwrap();
        let mut room = vec![0; few.len() + 64];
        for (frame, method) in [(&few, ZSTD), (&many, STORED), (&few, ZSTD), (&many, STORED)] {
            let mut last = STORED;
            for _ in 0..2 * FRAMES_STICKY {
                let size = packer.pack(0, frame, &mut room).unwrap().unwrap();
                assert_eq!(unpack(&room[..size], usize::MAX).unwrap(), *frame);
                last = read_entries(&room[..size]).unwrap()[1].method;
            }
            assert_eq!(last, method);
        }
    }
}
