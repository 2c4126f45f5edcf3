//! JPEG: walks the segments to the end of the picture and copies only those that make the picture (ITU-T T.81).

use banjie_domain::problem::Problem;

use super::cursor::Cursor;
use super::orientation::{orientation, orientation_segment};
use super::picture::{advice, check_pixels, check_tail};
use super::{FileKind, Inspected};

/// A photo has one scan, a progressive one about ten; hundreds are a way to keep a decoder busy.
const MAX_SCANS: u32 = 100;

/// Measured: a white page has 61 pixels and more to the byte, a white page with three lines of text 52 at most.
const BLANK_PIXELS_PER_BYTE: u64 = 55;

pub(super) fn inspect(bytes: &[u8]) -> Result<Inspected, Problem> {
    let walk = Walk::through(bytes)?;
    check_tail(walk.rest.0)?;
    let (width, height) = walk.pixels.ok_or_else(broken)?;
    Ok(Inspected {
        kind: FileKind::Jpeg,
        pages: Some(1),
        pixels: Some((width, height)),
        advice: advice(width, height, walk.clean.len(), BLANK_PIXELS_PER_BYTE),
        clean: walk.clean,
    })
}

fn broken() -> Problem {
    Problem::new("evidence.picture-broken")
}

fn cut_off() -> Problem {
    Problem::new("evidence.picture-cut-off")
}

struct Walk<'a> {
    rest: Cursor<'a>,
    clean: Vec<u8>,
    pixels: Option<(u32, u32)>,
    turned: bool,
    scans: u32,
}

impl<'a> Walk<'a> {
    fn through(bytes: &'a [u8]) -> Result<Self, Problem> {
        let mut walk =
            Self { rest: Cursor(bytes), clean: Vec::with_capacity(bytes.len()), pixels: None, turned: false, scans: 0 };
        let start = walk.rest.take(2).ok_or_else(cut_off)?;
        walk.clean.extend_from_slice(start);
        while walk.step()? {}
        Ok(walk)
    }

    /// One segment; false after the end of the picture.
    fn step(&mut self) -> Result<bool, Problem> {
        match self.marker()? {
            0xd9 if self.scans > 0 => {
                self.clean.extend_from_slice(b"\xff\xd9");
                return Ok(false);
            }
            marker @ (0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf) => {
                let frame = self.payload()?;
                self.frame(frame)?;
                self.keep(marker, frame);
            }
            marker @ (0xc4 | 0xcc | 0xdb | 0xdd) => {
                let table = self.payload()?;
                self.keep(marker, table);
            }
            0xda => self.scan()?,
            marker @ (0xe0..=0xef | 0xfe) => {
                let payload = self.payload()?;
                self.application(marker, payload);
            }
            _ => return Err(broken()),
        }
        Ok(true)
    }

    fn marker(&mut self) -> Result<u8, Problem> {
        if self.rest.byte().ok_or_else(cut_off)? != 0xff {
            return Err(broken());
        }
        // A marker may be preceded by any number of fill bytes.
        loop {
            match self.rest.byte().ok_or_else(cut_off)? {
                0xff => {}
                marker => return Ok(marker),
            }
        }
    }

    fn payload(&mut self) -> Result<&'a [u8], Problem> {
        let length = self.rest.u16().ok_or_else(cut_off)?;
        let length = usize::from(length).checked_sub(2).ok_or_else(broken)?;
        self.rest.take(length).ok_or_else(cut_off)
    }

    fn keep(&mut self, marker: u8, payload: &[u8]) {
        // The payload came out of a segment, so its length fits.
        let length = u16::try_from(payload.len() + 2).unwrap_or(u16::MAX);
        self.clean.extend_from_slice(&[0xff, marker]);
        self.clean.extend_from_slice(&length.to_be_bytes());
        self.clean.extend_from_slice(payload);
    }

    fn frame(&mut self, payload: &[u8]) -> Result<(), Problem> {
        let mut fields = Cursor(payload);
        let (_precision, height, width) = fields
            .byte()
            .zip(fields.u16())
            .zip(fields.u16())
            .map(|((precision, height), width)| (precision, u32::from(height), u32::from(width)))
            .ok_or_else(broken)?;
        let components = usize::from(fields.byte().ok_or_else(broken)?);
        if self.pixels.is_some() || width == 0 || height == 0 || components == 0 || fields.0.len() != 3 * components {
            return Err(broken());
        }
        check_pixels(width, height)?;
        self.pixels = Some((width, height));
        Ok(())
    }

    fn scan(&mut self) -> Result<(), Problem> {
        let header = self.payload()?;
        self.scans += 1;
        if self.pixels.is_none() || self.scans > MAX_SCANS {
            return Err(broken());
        }
        self.keep(0xda, header);
        let end = end_of_scan(self.rest.0).ok_or_else(cut_off)?;
        let data = self.rest.take(end).ok_or_else(cut_off)?;
        self.clean.extend_from_slice(data);
        Ok(())
    }

    /// Of the application segments only what a decoder needs is kept, and that without its free parts.
    fn application(&mut self, marker: u8, payload: &[u8]) {
        match (marker, payload) {
            // JFIF: version and density; the thumbnail that may follow is dropped.
            (0xe0, [b'J', b'F', b'I', b'F', 0, rest @ ..]) => {
                if let Some(density) = rest.get(..7) {
                    self.keep(0xe0, &[b"JFIF\0", density, b"\0\0"].concat());
                }
            }
            // Adobe: which colour transform was used. Without it some scans turn red and green.
            (0xee, [b'A', b'd', b'o', b'b', b'e', rest @ ..]) => {
                if let Some(transform) = rest.get(..7) {
                    self.keep(0xee, &[b"Adobe", transform].concat());
                }
            }
            (0xe1, _) if !self.turned => {
                if let Some(value) = orientation(payload) {
                    self.turned = true;
                    self.clean.extend_from_slice(&orientation_segment(value));
                }
            }
            _ => {}
        }
    }
}

/// Compressed data ends at the first `ff` that is neither stuffed (`ff 00`) nor a restart marker.
fn end_of_scan(data: &[u8]) -> Option<usize> {
    data.windows(2).position(|pair| matches!(pair, [0xff, 0x01..=0xcf | 0xd8..=0xfe]))
}
