//! PNG: checks every chunk and its sum, and copies only the chunks that make the picture (ISO/IEC 15948).

use banjie_domain::problem::Problem;

use super::cursor::Cursor;
use super::picture::{advice, check_pixels, check_tail};
use super::{FileKind, Inspected};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const CRC: [u32; 256] = crc_table();

pub(super) fn inspect(bytes: &[u8]) -> Result<Inspected, Problem> {
    let mut rest = Cursor(bytes);
    let mut clean = Vec::with_capacity(bytes.len());
    clean.extend_from_slice(rest.take(SIGNATURE.len()).ok_or_else(cut_off)?);

    let header = Chunk::read(&mut rest)?;
    let (width, height) = size(&header)?;
    check_pixels(width, height)?;
    header.copy_to(&mut clean);

    let mut order = Order::default();
    loop {
        let chunk = Chunk::read(&mut rest)?;
        order.check(&chunk)?;
        match &chunk.name {
            b"PLTE" | b"IDAT" | b"tRNS" | b"gAMA" | b"pHYs" => chunk.copy_to(&mut clean),
            b"IEND" => {
                chunk.copy_to(&mut clean);
                break;
            }
            // A small first letter marks a chunk the picture can do without.
            [b'a'..=b'z', ..] => {}
            _ => return Err(broken()),
        }
    }
    check_tail(rest.0)?;
    Ok(Inspected {
        kind: FileKind::Png,
        pages: Some(1),
        pixels: Some((width, height)),
        advice: advice(width, height, clean.len(), blank_pixels_per_byte(header.data)),
        clean,
    })
}

fn broken() -> Problem {
    Problem::new("evidence.picture-broken")
}

fn cut_off() -> Problem {
    Problem::new("evidence.picture-cut-off")
}

struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
    sum: u32,
}

impl<'a> Chunk<'a> {
    fn read(rest: &mut Cursor<'a>) -> Result<Self, Problem> {
        let length = usize::try_from(rest.u32().ok_or_else(cut_off)?).map_err(|_| broken())?;
        let name: [u8; 4] = rest.array().ok_or_else(cut_off)?;
        if !name.iter().all(u8::is_ascii_alphabetic) {
            return Err(broken());
        }
        let data = rest.take(length).ok_or_else(cut_off)?;
        let sum = rest.u32().ok_or_else(cut_off)?;
        if crc(&[&name, data]) == sum { Ok(Self { name, data, sum }) } else { Err(broken()) }
    }

    fn copy_to(&self, clean: &mut Vec<u8>) {
        // The length was read from four bytes.
        let length = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        clean.extend_from_slice(&length.to_be_bytes());
        clean.extend_from_slice(&self.name);
        clean.extend_from_slice(self.data);
        clean.extend_from_slice(&self.sum.to_be_bytes());
    }
}

fn size(header: &Chunk<'_>) -> Result<(u32, u32), Problem> {
    let mut fields = Cursor(header.data);
    let (width, height) = fields.u32().zip(fields.u32()).ok_or_else(broken)?;
    let known = matches!(
        fields.0,
        // Depth and colour, then compression 0, filter 0, interlaced or not.
        [1 | 2 | 4 | 8 | 16, 0, 0, 0, 0 | 1] | [8 | 16, 2 | 4 | 6, 0, 0, 0 | 1] | [1 | 2 | 4 | 8, 3, 0, 0, 0 | 1]
    );
    if &header.name != b"IHDR" || width == 0 || height == 0 || !known {
        return Err(broken());
    }
    Ok((width, height))
}

/// Measured by depth and colour: a white page has 1,900, 400 and 210 pixels and more to the byte, a white page with
/// three lines of text 810, 270 and 130 at most.
fn blank_pixels_per_byte(header: &[u8]) -> u64 {
    match header.get(8..10) {
        Some([1, _]) => 1_200,
        Some([_, 0 | 3]) => 340,
        _ => 200,
    }
}

/// The rules of order that decoders rely on: one header, picture data in one piece, nothing in the end chunk.
#[derive(Default)]
struct Order {
    data: Seen,
}

#[derive(Default, PartialEq)]
enum Seen {
    #[default]
    NotYet,
    Now,
    Before,
}

impl Order {
    fn check(&mut self, chunk: &Chunk<'_>) -> Result<(), Problem> {
        let fits = match &chunk.name {
            b"IDAT" => self.data != Seen::Before,
            b"PLTE" => self.data == Seen::NotYet,
            b"IEND" => self.data != Seen::NotYet && chunk.data.is_empty(),
            b"IHDR" => false,
            _ => true,
        };
        self.data = match (&chunk.name == b"IDAT", &self.data) {
            (true, _) => Seen::Now,
            (false, Seen::NotYet) => Seen::NotYet,
            (false, _) => Seen::Before,
        };
        if fits { Ok(()) } else { Err(broken()) }
    }
}

/// CRC-32 over the parts as if they were one.
#[expect(clippy::indexing_slicing, reason = "a byte is an index of a table of 256")]
pub(super) fn crc(parts: &[&[u8]]) -> u32 {
    let mut sum = u32::MAX;
    for byte in parts.iter().copied().flatten() {
        let [.., low] = sum.to_be_bytes();
        sum = CRC[usize::from(low ^ byte)] ^ (sum >> 8);
    }
    !sum
}

#[expect(clippy::indexing_slicing, reason = "the loop ends with the table; it runs when compiling")]
const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < table.len() {
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
}
