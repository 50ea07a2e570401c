//! CRC-32C (Castagnoli, RFC 3720 appendix B.4), as frames, the journal and Kafka use it.

pub fn crc32c(bytes: &[u8]) -> u32 {
    crc32c_on(0, bytes)
}

/// Goes on from the CRC of the bytes before.
pub fn crc32c_on(crc: u32, bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("sse4.2") {
        // SAFETY: the processor has the instruction.
        return unsafe { by_instruction(crc, bytes) };
    }
    by_table(crc, bytes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2")]
fn by_instruction(crc: u32, bytes: &[u8]) -> u32 {
    use std::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u64};
    let (words, rest) = bytes.as_chunks::<8>();
    let state = words.iter().fold(u64::from(!crc), |state, word| _mm_crc32_u64(state, u64::from_le_bytes(*word)));
    // The instruction leaves the upper half zero.
    !rest.iter().fold(state as u32, |state, byte| _mm_crc32_u8(state, *byte))
}

fn by_table(crc: u32, bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!crc, |state, byte| {
        let index = (state ^ u32::from(*byte)) & 0xff;
        (state >> 8) ^ TABLE.get(index as usize).copied().unwrap_or_default()
    })
}

static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut value = i as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0x82f6_3b78 } else { value >> 1 };
            bit += 1;
        }
        #[allow(clippy::indexing_slicing)] // i is below 256
        {
            table[i] = value;
        }
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_both_ways() {
        for (bytes, expected) in
            [(&b""[..], 0), (b"123456789", 0xe306_9283), (&[0; 32], 0x8a91_36aa), (&[0xff; 32], 0x62a8_ab43)]
        {
            assert_eq!(crc32c(bytes), expected);
            assert_eq!(by_table(0, bytes), expected);
            let (front, back) = bytes.split_at(bytes.len() / 3);
            assert_eq!(crc32c_on(crc32c(front), back), expected);
        }
    }
}
