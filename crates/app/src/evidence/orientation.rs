//! Which way up a photo is. It is the one fact of EXIF that is kept: without it the photos of most phones lie on
//! their side. Everything else, position and time above all, goes.

use super::cursor::Cursor;

const ORIENTATION: u16 = 0x0112;

/// The orientation (2–8) in an APP1 payload, if it turns the picture at all.
pub(super) fn orientation(app1: &[u8]) -> Option<u8> {
    let tiff = app1.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let swap16 = |value: u16| if little { value.swap_bytes() } else { value };
    let swap32 = |value: u32| if little { value.swap_bytes() } else { value };
    let start = swap32(Cursor(tiff.get(4..)?).u32()?);
    let mut directory = Cursor(tiff.get(usize::try_from(start).ok()?..)?);
    let entries = swap16(directory.u16()?);
    for _ in 0..entries {
        let mut entry = Cursor(directory.take(12)?);
        let (tag, kind, count) = (swap16(entry.u16()?), swap16(entry.u16()?), swap32(entry.u32()?));
        if (tag, kind, count) == (ORIENTATION, 3, 1) {
            let value = u8::try_from(swap16(entry.u16()?)).ok()?;
            return (2..=8).contains(&value).then_some(value);
        }
    }
    None
}

/// A whole APP1 segment that says the orientation and nothing else.
pub(super) fn orientation_segment(orientation: u8) -> Vec<u8> {
    let mut segment = b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    segment.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0]);
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(segment: &[u8]) -> &[u8] {
        &segment[4..]
    }

    #[test]
    fn what_is_written_reads_back_and_has_the_stated_length() {
        for value in 2..=8 {
            let segment = orientation_segment(value);
            assert_eq!(segment.len(), 2 + usize::from(segment[2]) * 256 + usize::from(segment[3]));
            assert_eq!(orientation(payload(&segment)), Some(value));
        }
    }

    #[test]
    fn both_byte_orders_are_read() {
        let little = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        assert_eq!(orientation(little), Some(6));
    }

    #[test]
    fn upright_odd_and_broken_values_say_nothing() {
        for value in [0, 1, 9, 255] {
            assert_eq!(orientation(payload(&orientation_segment(value))), None);
        }
        let whole = orientation_segment(6);
        for end in 4..whole.len() - 8 {
            assert_eq!(orientation(&whole[4..end]), None);
        }
        assert_eq!(orientation(b"Exif\0\0II*\0\xff\xff\xff\xff"), None);
    }
}
