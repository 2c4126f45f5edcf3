//! Crafted files, one for each thing that is refused, cut off or kept.

use super::*;

fn by_default(name: &str, bytes: &[u8]) -> Result<Inspected, Problem> {
    inspect(name, bytes, &UploadRule::default())
}

fn refused(bytes: &[u8]) -> &'static str {
    by_default("扫描件.pdf", bytes).unwrap_err().code
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    cursor::find(bytes, needle).is_some()
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], length.as_slice(), payload].concat()
}

fn frame(width: u16, height: u16) -> Vec<u8> {
    let [w, h] = [width, height].map(u16::to_be_bytes);
    segment(0xc0, &[&[8], h.as_slice(), &w, &[1, 1, 0x11, 0]].concat())
}

/// A picture of 1000 × 800 with `extra` segments in front and enough data not to look empty.
fn a_jpeg(extra: &[u8]) -> Vec<u8> {
    let scan = segment(0xda, &[1, 1, 0, 0, 63, 0]);
    let data = [b"\x12\xff\x00\x34\xff\xd0".as_slice(), &[0x55; 20_000]].concat();
    let table = segment(0xdb, &[1; 65]);
    [b"\xff\xd8", extra, &table, &frame(1000, 800), &scan, &data, b"\xff\xd9"].concat()
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let sum = png::crc(&[name, data]).to_be_bytes();
    [length.as_slice(), name, data, &sum].concat()
}

fn header(width: u32, height: u32) -> Vec<u8> {
    let [w, h] = [width, height].map(u32::to_be_bytes);
    chunk(b"IHDR", &[w.as_slice(), &h, &[8, 2, 0, 0, 0]].concat())
}

fn png_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn a_png(extra: &[Vec<u8>]) -> Vec<u8> {
    let mut chunks = vec![header(1000, 800)];
    chunks.extend_from_slice(extra);
    chunks.push(chunk(b"IDAT", &[7; 20_000]));
    chunks.push(chunk(b"IEND", b""));
    png_of(&chunks)
}

fn a_pdf_with(pages: usize, extra: &str) -> Vec<u8> {
    let mut text =
        String::from("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages>>\nendobj\n");
    for page in 0..pages {
        text += &format!("{} 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n", page + 3);
    }
    text += extra;
    text += "\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n";
    text.into_bytes()
}

fn a_pdf(extra: &str) -> Vec<u8> {
    a_pdf_with(1, extra)
}

#[test]
fn good_files_are_known_by_their_content_whatever_their_name() {
    for (bytes, kind, pixels) in [
        (a_jpeg(b""), FileKind::Jpeg, Some((1000, 800))),
        (a_png(&[]), FileKind::Png, Some((1000, 800))),
        (a_pdf(""), FileKind::Pdf, None),
    ] {
        let inspected = by_default("什么.doc", &bytes).unwrap();
        assert_eq!((inspected.kind, inspected.pixels, inspected.pages), (kind, pixels, Some(1)));
        assert_eq!(inspected.advice, []);
        assert_eq!(inspected.clean, bytes);
    }
}

#[test]
fn an_empty_file_is_refused_by_name() {
    let problem = by_default("../离职证明.pdf", b"").unwrap_err();
    assert_eq!(problem, Problem::new("evidence.empty").with("name", "离职证明.pdf"));
}

#[test]
fn a_file_that_is_too_large_hears_its_size_and_the_limit() {
    let rule = UploadRule { max_bytes: 2 * 1024 * 1024, ..UploadRule::default() };
    let bytes = vec![0; 3 * 1024 * 1024 + 512 * 1024];
    let problem = inspect("a.pdf", &bytes, &rule).unwrap_err();
    let expected = Problem::new("evidence.too-large").with("size", "3.5 MB").with("max", "2 MB").with("name", "a.pdf");
    assert_eq!(problem, expected);
}

#[test]
fn a_kind_that_the_rule_does_not_list_is_refused() {
    let rule = UploadRule { kinds: vec![FileKind::Jpeg, FileKind::Png], ..UploadRule::default() };
    let problem = inspect("a.pdf", &a_pdf(""), &rule).unwrap_err();
    assert_eq!(problem.code, "evidence.kind-not-accepted");
    assert!(problem.args.contains(&("accepted", "JPG / PNG".into())));
}

#[test]
fn other_content_is_refused_as_what_it_really_is() {
    for (bytes, code) in [
        (b"MZ\x90\0\x03".as_slice(), "evidence.is-program"),
        (b"\x7fELF\x02\x01", "evidence.is-program"),
        (b"#!/bin/sh\n", "evidence.is-program"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "evidence.is-program"),
        (b"PK\x03\x04\x14\0\0\0", "evidence.is-archive"),
        (b"PK\x05\x06\0\0", "evidence.is-archive"),
        (b"Rar!\x1a\x07\x01\0", "evidence.is-archive"),
        (b"PK\x03\x04....[Content_Types].xml", "evidence.is-office"),
        (b"PK\x03\x04....OFD.xml", "evidence.is-ofd"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "evidence.is-office"),
        (b"\0\0\0\x24ftypheic\0\0\0\0", "evidence.is-heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0", "evidence.is-heic"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "evidence.is-video"),
        (b"GIF89a\x01\0\x01\0", "evidence.is-other-picture"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "evidence.is-other-picture"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><SVG/>", "evidence.is-svg"),
        (b" \n<!doctype html><p>", "evidence.is-web-page"),
        (b"\n%PDF-1.4", "evidence.pdf-broken"),
        (b"hello", "evidence.unknown-kind"),
        (b"\xff", "evidence.unknown-kind"),
    ] {
        assert_eq!(refused(bytes), code, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_photo_loses_position_thumbnail_and_remarks_and_keeps_its_orientation() {
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\x30\0\0\0\0GPS 30.27N";
    let extra = [
        segment(0xe0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\x01\x01THUMB"),
        segment(0xe1, exif),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
        segment(0xe2, b"ICC_PROFILE\0\x01\x01maker"),
        segment(0xed, b"Photoshop 3.0\0byline"),
        segment(0xee, b"Adobe\0\x64\0\0\0\0\x01extra"),
        segment(0xfe, b"a remark"),
    ];
    let clean = by_default("a.jpg", &a_jpeg(&extra.concat())).unwrap().clean;
    for gone in [b"GPS".as_slice(), b"THUMB", b"xmpmeta", b"ICC", b"byline", b"extra", b"remark"] {
        assert!(!contains(&clean, gone), "{}", gone.escape_ascii());
    }
    let kept = [
        segment(0xe0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0"),
        orientation::orientation_segment(6),
        segment(0xee, b"Adobe\0\x64\0\0\0\0\x01"),
    ];
    assert_eq!(clean, a_jpeg(&kept.concat()));
    assert_eq!(by_default("a.jpg", &clean).unwrap().clean, clean);
}

#[test]
fn a_photo_cut_off_anywhere_is_refused() {
    let whole = a_jpeg(&segment(0xe0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0"));
    for end in (3..200).chain(whole.len() - 20..whole.len()) {
        assert_eq!(refused(&whole[..end]), "evidence.picture-cut-off", "{end}");
    }
}

#[test]
fn a_photo_without_its_parts_is_refused() {
    let scan = [segment(0xda, &[1, 1, 0, 0, 63, 0]), vec![1, 2, 3]].concat();
    for middle in [
        Vec::new(),
        frame(10, 10),
        scan.clone(),
        [frame(10, 10), frame(10, 10), scan.clone()].concat(),
        [frame(0, 10), scan.clone()].concat(),
        [frame(10, 0), scan.clone()].concat(),
        [segment(0xc8, b""), frame(10, 10), scan.clone()].concat(),
        [b"\xff\xe0\0\x01".to_vec(), frame(10, 10), scan.clone()].concat(),
        [frame(10, 10), scan.repeat(101)].concat(),
    ] {
        let bytes = [b"\xff\xd8", middle.as_slice(), b"\xff\xd9"].concat();
        assert_eq!(refused(&bytes), "evidence.picture-broken", "{}", bytes.escape_ascii());
    }
}

#[test]
fn what_hides_behind_a_picture_refuses_it() {
    for whole in [a_jpeg(b""), a_png(&[])] {
        for tail in [b"PK\x03\x04zip".as_slice(), b"<script>alert(1)</script>", b"\0\0\0MZ", b"%PDF-1.4", b"x"] {
            let bytes = [whole.as_slice(), tail].concat();
            assert_eq!(refused(&bytes), "evidence.more-behind-picture", "{}", tail.escape_ascii());
        }
    }
}

#[test]
fn what_phones_append_to_a_photo_is_cut_off() {
    let second = a_jpeg(b"");
    for whole in [a_jpeg(b""), a_png(&[])] {
        for tail in [
            b"\0\0\0\0\r\n".as_slice(),
            &second,
            b"\0\0\0\x18ftypmp42 film",
            b"\0\0\0\x20ftypisom film",
            b"\0\0\x01\n\x0e\0\0\0Image_UTC_DataSEFH\x6b\0\0\0\x24\0\0\0SEFT",
        ] {
            let bytes = [whole.as_slice(), tail].concat();
            assert_eq!(by_default("a.jpg", &bytes).unwrap().clean, whole, "{}", tail.escape_ascii());
        }
    }
}

#[test]
fn a_png_keeps_only_what_makes_the_picture() {
    let kept = [chunk(b"gAMA", &[0, 0, 0xb1, 0x8f]), chunk(b"pHYs", &[0; 9]), chunk(b"tRNS", &[0; 6])];
    let gone =
        [chunk(b"tEXt", b"Author\0me"), chunk(b"eXIf", b"GPS"), chunk(b"iCCP", b"p\0\0"), chunk(b"acTL", &[0; 8])];
    let bytes = a_png(&[kept.to_vec(), gone.to_vec()].concat());
    assert_eq!(by_default("a.png", &bytes).unwrap().clean, a_png(&kept));
}

#[test]
fn a_png_with_a_wrong_sum_or_order_is_refused() {
    let mut flipped = a_png(&[]);
    flipped[60] ^= 1;
    let (data, end) = (chunk(b"IDAT", &[7; 20]), chunk(b"IEND", b""));
    let broken = [
        flipped,
        png_of(&[data.clone(), end.clone()]),
        png_of(&[header(10, 10), end.clone()]),
        png_of(&[header(10, 10), header(10, 10), data.clone(), end.clone()]),
        png_of(&[header(10, 10), data.clone(), chunk(b"tEXt", b"a\0b"), data.clone(), end.clone()]),
        png_of(&[header(10, 10), data.clone(), chunk(b"PLTE", &[0; 3]), end.clone()]),
        png_of(&[header(10, 10), data.clone(), chunk(b"ABCD", b""), end.clone()]),
        png_of(&[header(10, 10), data.clone(), chunk(b"IEND", b"x")]),
        png_of(&[header(0, 10), data.clone(), end.clone()]),
        png_of(&[chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 3, 2, 0, 0, 0]), data, end]),
    ];
    for bytes in broken {
        assert_eq!(refused(&bytes), "evidence.picture-broken", "{}", bytes.escape_ascii());
    }
    let whole = a_png(&[]);
    for end in [8, 9, 20, 40, 60, whole.len() - 13, whole.len() - 1] {
        assert_eq!(refused(&whole[..end]), "evidence.picture-cut-off", "{end}");
    }
}

#[test]
fn a_picture_with_too_many_pixels_is_refused_before_anything_else_of_it_is_read() {
    for bytes in [
        png_of(&[header(12_001, 10)]),
        png_of(&[header(10, 12_001)]),
        png_of(&[header(u32::MAX, u32::MAX)]),
        png_of(&[header(10_000, 5_001)]),
        [b"\xff\xd8".to_vec(), frame(60_000, 60_000)].concat(),
    ] {
        assert_eq!(refused(&bytes), "evidence.too-many-pixels");
    }
    let largest = png_of(&[header(10_000, 5_000), chunk(b"IDAT", &[7; 200_000]), chunk(b"IEND", b"")]);
    assert!(by_default("a.png", &largest).is_ok());
}

#[test]
fn a_small_or_empty_picture_is_taken_with_advice() {
    let advice = |header: Vec<u8>, bytes: usize| {
        let png = png_of(&[header, chunk(b"IDAT", &vec![7; bytes]), chunk(b"IEND", b"")]);
        by_default("a.png", &png).unwrap().advice.into_iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(advice(header(640, 480), 20_000), ["evidence.small-picture"]);
    assert_eq!(advice(header(2480, 3508), 20_000), ["evidence.maybe-blank"]);
    assert!(advice(header(2480, 3508), 60_000).is_empty());
}

#[test]
fn pages_of_a_pdf_are_counted_once_each() {
    let pages = |bytes: &[u8]| by_default("a.pdf", bytes).unwrap().pages;
    assert_eq!(pages(&a_pdf_with(3, "")), Some(3));
    assert_eq!(pages(&a_pdf_with(3, "4 0 obj\n<</Type/Page/Annots[]>>\nendobj")), Some(3));
    assert_eq!(pages(&a_pdf_with(1, "9 0 obj <</Type/ObjStm/N 3>>")), None);
    assert_eq!(pages(&a_pdf_with(50, "")), Some(50));
    let problem = by_default("a.pdf", &a_pdf_with(51, "")).unwrap_err();
    assert_eq!(problem.code, "evidence.pdf-too-many-pages");
    assert!(problem.args.contains(&("pages", "51".into())));
}

#[test]
fn a_pdf_that_acts_hides_or_locks_is_refused() {
    for (extra, code) in [
        ("<</Encrypt 9 0 R>>", "evidence.pdf-encrypted"),
        ("<</S/JavaScript/JS(app.alert(1))>>", "evidence.pdf-active"),
        ("<</S/J#61vaScr#69pt/JS(app.alert(1))>>", "evidence.pdf-active"),
        ("<</S/Launch/F(cmd.exe)>>", "evidence.pdf-active"),
        ("<</OpenAction 9 0 R>>", "evidence.pdf-active"),
        ("<</OpenAction <</S/URI>> >>", "evidence.pdf-active"),
        ("<</AcroForm<</XFA 9 0 R>>>>", "evidence.pdf-active"),
        ("<</S/SubmitForm/F(http://x)>>", "evidence.pdf-active"),
        ("<</Type/EmbeddedFile>>", "evidence.pdf-attachment"),
        ("<</Names<</EmbeddedFiles 9 0 R>>>>", "evidence.pdf-attachment"),
    ] {
        assert_eq!(refused(&a_pdf(extra)), code, "{extra}");
    }
}

#[test]
fn a_pdf_that_only_says_where_to_begin_is_taken() {
    for extra in [
        "<</OpenAction [3 0 R /XYZ null null 0]>>",
        "<</EncryptMetadata false /LaunchPad 1 /JavaScripts 2>>",
        "<</Type#/Page>>",
        "stream\n/JS(x) 50% /#zz /\nendstream",
    ] {
        assert!(by_default("a.pdf", &a_pdf(extra)).is_ok(), "{extra}");
    }
}

#[test]
fn a_pdf_without_end_or_pages_is_refused() {
    let whole = a_pdf("");
    assert_eq!(refused(&whole[..whole.len() - 6]), "evidence.pdf-broken");
    assert_eq!(refused(&[whole.as_slice(), &[b'x'; 2000]].concat()), "evidence.pdf-broken");
    assert_eq!(refused(&a_pdf_with(0, "")), "evidence.pdf-broken");
    assert_eq!(refused(b"%PDF-"), "evidence.pdf-broken");
}

#[test]
fn an_archive_in_a_pdf_is_refused_and_a_tail_is_cut_off() {
    let whole = a_pdf("");
    let record = |comment: &[u8]| {
        let length = u16::try_from(comment.len()).unwrap().to_le_bytes();
        [b"PK\x05\x06".as_slice(), &[0; 16], &length, comment].concat()
    };
    for tail in [record(b""), record(&[b"x".repeat(3000), b"%%EOF".to_vec()].concat())] {
        assert_eq!(refused(&[whole.clone(), tail].concat()), "evidence.more-behind-pdf");
    }
    let tail = [whole.as_slice(), b"<script>alert(1)</script>"].concat();
    assert_eq!(by_default("a.pdf", &tail).unwrap().clean, whole);
}

#[test]
fn no_cut_or_flip_of_a_good_file_makes_the_inspection_fail() {
    for whole in [a_jpeg(&orientation::orientation_segment(6)), a_png(&[]), a_pdf("")] {
        for at in 0..300.min(whole.len()) {
            let _ = by_default("a", &whole[..at]);
            for byte in [0, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[at] = byte;
                let _ = by_default("a", &changed);
            }
        }
    }
}
