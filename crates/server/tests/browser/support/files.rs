//! Small real files to hand in: a page of PDF, a picture in JPEG and one in PNG, and files that are not what they say.
//! They are made when a test runs, so that nothing binary is kept in the project.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// One A5 page that says "Termination certificate", with a correct cross-reference table.
pub fn pdf() -> Vec<u8> {
    let text = "BT /F1 18 Tf 60 500 Td (Termination certificate) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let (start, size) = (file.len(), objects.len() + 1);
    file.push_str(&format!(
        "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

/// A grey picture of 24 × 16 points.
pub fn png() -> Vec<u8> {
    const WIDTH: u32 = 24;
    const HEIGHT: u32 = 16;
    let mut header = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 0]); // eight bits of grey, nothing interlaced
    let row = [&[0][..], &[0xA0; WIDTH as usize]].concat();
    let rows = row.repeat(HEIGHT as usize);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, body) in [(b"IHDR", header), (b"IDAT", stored_zlib(&rows)), (b"IEND", Vec::new())] {
        let named = [&kind[..], &body].concat();
        file.extend(u32::try_from(body.len()).unwrap_or_default().to_be_bytes());
        file.extend(&named);
        file.extend(crc32(&named).to_be_bytes());
    }
    file
}

/// A grey picture of 8 × 8 points: one block, whose two Huffman tables have one code each.
pub fn jpeg() -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    let mut segment = |marker: u8, body: &[u8]| {
        file.extend([0xFF, marker]);
        file.extend(u16::try_from(body.len() + 2).unwrap_or_default().to_be_bytes());
        file.extend(body);
    };
    segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    segment(0xDB, &[&[0][..], &[16; 64]].concat());
    segment(0xC0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]); // baseline, 8 × 8, one component
    let one_code = |class: u8| [&[class, 1][..], &[0; 15], &[0]].concat();
    segment(0xC4, &one_code(0x00)); // DC: the code `0` means no difference
    segment(0xC4, &one_code(0x10)); // AC: the code `0` means end of block
    segment(0xDA, &[1, 1, 0, 0, 63, 0]);
    file.extend([0x3F, 0xFF, 0xD9]); // the two codes, filled up with ones; then the end of the picture
    file
}

/// Writes a file of the given name, ready to be uploaded.
pub fn write(directory: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let file = directory.join(name);
    fs::write(&file, bytes).with_context(|| format!("cannot write `{}`", file.display()))?;
    Ok(file)
}

/// A true PDF filled up with zeros to `size` bytes; it takes no room on the disk.
pub fn large_pdf(directory: &Path, name: &str, size: u64) -> Result<PathBuf> {
    let file = write(directory, name, &pdf())?;
    File::options().write(true).open(&file)?.set_len(size)?;
    Ok(file)
}

/// A zlib stream of one stored block, for data below 64 KiB.
fn stored_zlib(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(data);
    stream.extend(((high << 16) | low).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}
