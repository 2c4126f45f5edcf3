//! What holds for every picture: how many pixels, what may follow its end, and what to advise.

use banjie_domain::problem::Problem;

use super::cursor::{find, find_last};

const MAX_SIDE: u32 = 12_000;
const MAX_MEGAPIXELS: u64 = 50;

/// A4 at 72 dpi has half a million pixels; print is hardly legible below.
const SMALL_PIXELS: u64 = 500_000;

/// Refuses a picture of more pixels than a viewer can be asked to unpack.
pub(super) fn check_pixels(width: u32, height: u32) -> Result<(), Problem> {
    let pixels = u64::from(width) * u64::from(height);
    if width <= MAX_SIDE && height <= MAX_SIDE && pixels <= MAX_MEGAPIXELS * 1_000_000 {
        return Ok(());
    }
    Err(Problem::new("evidence.too-many-pixels")
        .with("width", width.to_string())
        .with("height", height.to_string())
        .with("side", MAX_SIDE.to_string())
        .with("megapixels", MAX_MEGAPIXELS.to_string()))
}

/// Advice from size alone. `blank_pixels_per_byte`: a page with more pixels to the byte than this is probably empty.
pub(super) fn advice(width: u32, height: u32, picture_bytes: usize, blank_pixels_per_byte: u64) -> Vec<Problem> {
    let pixels = u64::from(width) * u64::from(height);
    let mut advice = Vec::new();
    if pixels < SMALL_PIXELS {
        let size = Problem::new("evidence.small-picture");
        advice.push(size.with("width", width.to_string()).with("height", height.to_string()));
    } else if picture_bytes as u64 * blank_pixels_per_byte < pixels {
        advice.push(Problem::new("evidence.maybe-blank"));
    }
    advice
}

/// Refuses a picture behind which something else hides; what phones append is cut off without a word.
pub(super) fn check_tail(tail: &[u8]) -> Result<(), Problem> {
    let padding = tail.iter().take_while(|byte| matches!(byte, 0 | b'\r' | b'\n' | b' ')).count();
    let data = tail.get(padding..).unwrap_or_default();
    let second_picture = data.starts_with(b"\xff\xd8\xff");
    // A film starts with its length, whose zeros look like padding.
    let film = find(tail.get(..padding + 8).unwrap_or(tail), b"ftyp").is_some();
    let samsung = tail.ends_with(b"SEFT") && find_last(tail, b"SEFH").is_some();
    if data.is_empty() || second_picture || film || samsung {
        Ok(())
    } else {
        Err(Problem::new("evidence.more-behind-picture"))
    }
}
