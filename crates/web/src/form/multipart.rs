//! A form with files.
//!
//! A file is kept up to the limit. What is beyond it is read and thrown away, so that the browser sees our page with
//! the reason beside the field, and not a broken connection. A file name is data: shown, never used as a path.

use std::fmt;

use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, multipart::Field};
use banjie_domain::problem::Problem;

use super::{Fields, MOST_FIELDS, body};
use crate::fail::Fail;

/// How much of a form with files is kept and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadLimits {
    /// The largest file that is kept, in bytes.
    pub file_bytes: usize,
    /// The most files of one form that are kept.
    pub files: usize,
    /// All other fields together, in bytes.
    pub field_bytes: usize,
    /// The most that is read at all before the connection is given up, in bytes.
    pub read_bytes: u64,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self { file_bytes: 10 << 20, files: 5, field_bytes: 1 << 20, read_bytes: 1 << 30 }
    }
}

/// A form with files, read to its end.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The fields that are not files.
    pub fields: Fields,
    /// The files, in order; a file input left alone gives none.
    pub uploads: Vec<Upload>,
}

/// One file a person chose.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// The name of the form's field.
    pub field: String,
    /// The file's own name, without folders, control and direction characters; at most 255 characters.
    pub name: String,
    /// What the browser says it is. Never believed; the content decides.
    pub declared_type: Option<String>,
    /// What came.
    pub content: Content,
}

/// What came of a file.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Whole(Vec<u8>),
    /// A file of zero bytes.
    Empty,
    /// More than the limit; nothing is kept.
    TooLarge {
        /// How long the file is, in bytes.
        size_read: u64,
        /// How long it may be, in bytes.
        limit: usize,
    },
    /// One file too many; nothing is kept.
    TooMany {
        /// How many there may be.
        limit: usize,
    },
}

impl Submission {
    /// Reads the whole form.
    ///
    /// # Errors
    /// 415 when it is not a form with files, 413 when there is more than is ever read, 408 when it came too slowly,
    /// 400 when it broke off.
    pub async fn read(mut request: Request, limits: &UploadLimits) -> Result<Self, Fail> {
        if body::kind(request.headers()) != Some("multipart/form-data") {
            return Err(Fail::unknown_content());
        }
        DefaultBodyLimit::disable().apply(&mut request);
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| Fail::unreadable())?;
        let mut reading = Reading { limits, read: 0, fields_read: 0, found: Self::default() };
        while let Some(field) = form.next_field().await.map_err(|error| body::reason(&error))? {
            reading.take(field).await?;
        }
        Ok(reading.found)
    }

    /// The first file of this field.
    #[must_use]
    pub fn upload(&self, field: &str) -> Option<&Upload> {
        self.uploads.iter().find(|upload| upload.field == field)
    }
}

impl Upload {
    /// What is wrong with it before anyone looks inside; `None` when it came whole.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let problem = match &self.content {
            Content::Whole(_) => return None,
            Content::Empty => Problem::new("file.empty"),
            Content::TooLarge { size_read, limit } => Problem::new("file.too-large")
                .with("size", human_size(*size_read))
                .with("limit", human_size(*limit as u64)),
            Content::TooMany { limit } => Problem::new("file.too-many").with("limit", limit.to_string()),
        };
        Some(problem.with("name", self.name.clone()))
    }
}

impl fmt::Debug for Upload {
    /// Neither the name nor the content: both may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("field", &self.field).field("content", &self.content).finish_non_exhaustive()
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Empty => f.write_str("Empty"),
            Self::TooLarge { size_read, .. } => write!(f, "TooLarge({size_read} bytes)"),
            Self::TooMany { limit } => write!(f, "TooMany({limit})"),
        }
    }
}

/// A size as people say it: 23 MB, 2.4 MB, 310 KB.
#[must_use]
pub fn human_size(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    if bytes < MB {
        return format!("{} KB", bytes.div_ceil(KB));
    }
    // Rounded up, so that a file just over the limit does not read as the limit itself.
    let tenths = (bytes * 10).div_ceil(MB);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} MB"),
        (whole, _) if whole >= 100 => format!("{} MB", whole + 1),
        (whole, tenth) => format!("{whole}.{tenth} MB"),
    }
}

struct Reading<'a> {
    limits: &'a UploadLimits,
    read: u64,
    fields_read: usize,
    found: Submission,
}

impl Reading<'_> {
    async fn take(&mut self, field: Field<'_>) -> Result<(), Fail> {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(clean_file_name) {
            Some(file) => self.take_file(name, file, field).await,
            None => self.take_text(name, field).await,
        }
    }

    async fn take_text(&mut self, name: String, mut field: Field<'_>) -> Result<(), Fail> {
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| body::reason(&error))? {
            self.fields_read += chunk.len();
            if self.fields_read > self.limits.field_bytes {
                return Err(Fail::too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        if self.found.fields.pairs.len() >= MOST_FIELDS {
            return Err(Fail::too_large());
        }
        self.found.fields.push(name, String::from_utf8_lossy(&bytes));
        Ok(())
    }

    async fn take_file(&mut self, field: String, name: String, mut part: Field<'_>) -> Result<(), Fail> {
        let declared_type = part.content_type().map(str::to_owned);
        let room = self.found.uploads.len() < self.limits.files;
        let (mut kept, mut size) = (Vec::new(), 0_u64);
        while let Some(chunk) = part.chunk().await.map_err(|error| body::reason(&error))? {
            self.read += chunk.len() as u64;
            if self.read > self.limits.read_bytes {
                return Err(Fail::too_large());
            }
            size += chunk.len() as u64;
            if room && size <= self.limits.file_bytes as u64 {
                kept.extend_from_slice(&chunk);
            } else {
                kept = Vec::new();
            }
        }
        let content = match size {
            0 if name.is_empty() => return Ok(()),
            _ if !room => Content::TooMany { limit: self.limits.files },
            0 => Content::Empty,
            _ if size > self.limits.file_bytes as u64 => {
                Content::TooLarge { size_read: size, limit: self.limits.file_bytes }
            }
            _ => Content::Whole(kept),
        };
        self.found.uploads.push(Upload { field, name, declared_type, content });
        Ok(())
    }
}

/// The last part of what the browser called the file, without characters that hide or turn round the rest.
fn clean_file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control() && !turns_text_round(*c)).take(255).collect::<String>().trim().to_owned()
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm, line separators, and the byte order mark.
const fn turns_text_round(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    const SMALL: UploadLimits = UploadLimits { file_bytes: 100, files: 2, field_bytes: 50, read_bytes: 10_000 };

    fn part(name: &str, file: Option<&str>, content: &str) -> String {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        format!("--B\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n")
    }

    async fn read(parts: &[String]) -> Result<Submission, u16> {
        let request = Request::post("/")
            .header("content-type", "multipart/form-data; boundary=B")
            .body(Body::from(format!("{}--B--\r\n", parts.concat())))
            .unwrap();
        Submission::read(request, &SMALL).await.map_err(|fail| fail.status().as_u16())
    }

    #[tokio::test]
    async fn fields_and_files_come_apart() {
        let form = read(&[part("a", None, "一"), part("f", Some("证明.pdf"), "%PDF"), part("g", Some(""), "")]).await;
        let form = form.unwrap();
        assert_eq!(form.fields.one("a"), Some("一"));
        assert_eq!(form.uploads.len(), 1);
        assert_eq!(form.upload("f").unwrap().name, "证明.pdf");
        assert_eq!(form.upload("f").unwrap().content, Content::Whole(b"%PDF".to_vec()));
    }

    #[tokio::test]
    async fn a_file_beyond_the_limit_is_read_to_its_end_and_named_with_its_size() {
        let form = read(&[part("f", Some("a.jpg"), &"x".repeat(101)), part("b", None, "after")]).await.unwrap();
        assert_eq!(form.upload("f").unwrap().content, Content::TooLarge { size_read: 101, limit: 100 });
        assert_eq!(form.fields.one("b"), Some("after"));
        let exact = read(&[part("f", Some("a.jpg"), &"x".repeat(100))]).await.unwrap();
        assert_eq!(exact.upload("f").unwrap().problem(), None);
    }

    #[tokio::test]
    async fn an_empty_file_and_one_too_many_are_told_apart() {
        let files = [part("f", Some("a"), ""), part("f", Some("b"), "1"), part("f", Some("c"), "1")];
        let form = read(&files).await.unwrap();
        assert_eq!(form.uploads[0].content, Content::Empty);
        assert_eq!(form.uploads[2].content, Content::TooMany { limit: 2 });
    }

    #[tokio::test]
    async fn other_fields_and_the_whole_are_bounded() {
        assert_eq!(read(&[part("a", None, &"x".repeat(51))]).await.map(|_| ()), Err(413));
        assert_eq!(read(&[part("f", Some("a"), &"x".repeat(10_001))]).await.map(|_| ()), Err(413));
    }

    #[tokio::test]
    async fn a_form_that_breaks_off_or_is_of_another_kind_is_refused() {
        let request = Request::post("/").header("content-type", "multipart/form-data; boundary=B");
        let request = request.body(Body::from(part("f", Some("a"), "1"))).unwrap();
        assert_eq!(Submission::read(request, &SMALL).await.unwrap_err().status(), 400);
        let request = Request::post("/").header("content-type", "text/plain").body(Body::empty()).unwrap();
        assert_eq!(Submission::read(request, &SMALL).await.unwrap_err().status(), 415);
    }

    #[test]
    fn a_file_name_is_only_a_name() {
        assert_eq!(clean_file_name("C:\\fakepath\\证明.pdf"), "证明.pdf");
        assert_eq!(clean_file_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_file_name("gpj.\u{202e}exe\r\n"), "gpj.exe");
        assert_eq!(clean_file_name("<script>.pdf"), "<script>.pdf");
    }

    #[test]
    fn a_size_just_over_the_limit_never_reads_as_the_limit() {
        assert_eq!(human_size(10 << 20), "10 MB");
        assert_eq!(human_size((10 << 20) + 1), "10.1 MB");
        assert_eq!(human_size(1), "1 KB");
        assert_eq!(human_size(500 << 20), "500 MB");
    }
}
