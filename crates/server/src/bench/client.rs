//! A client that keeps its connection and does as little as can be: what it costs is not the service's.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::Context as _;

/// One connection.
pub struct Client {
    to: SocketAddr,
    stream: BufReader<TcpStream>,
}

/// What came back.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Bytes on the wire, head and body.
    pub bytes: usize,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl Client {
    /// Connects.
    pub fn to(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).context("the bench cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Self { to: address, stream: BufReader::new(stream) })
    }

    /// Asks for a page; `headers` are whole lines.
    pub fn get(&mut self, path: &str, headers: &str) -> anyhow::Result<Answer> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.to);
        self.send(head.as_bytes(), b"")
    }

    /// Sends JSON.
    pub fn post(&mut self, path: &str, headers: &str, body: &str) -> anyhow::Result<Answer> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n",
            self.to,
            body.len()
        );
        self.send(head.as_bytes(), body.as_bytes())
    }

    fn send(&mut self, head: &[u8], body: &[u8]) -> anyhow::Result<Answer> {
        self.stream.get_mut().write_all(&[head, body].concat())?;
        let (mut line, mut bytes, mut length, mut pieces) = (String::new(), 0, 0, false);
        bytes += self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).context("an answer without a status")?;
        loop {
            line.clear();
            bytes += self.stream.read_line(&mut line)?;
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').context("a header without a value")?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
            pieces |= name.eq_ignore_ascii_case("transfer-encoding");
        }
        if pieces {
            return self.pieces(status, bytes);
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer { status, bytes: bytes + body.len(), body })
    }

    /// A body that comes in pieces, each after its length.
    fn pieces(&mut self, status: u16, head: usize) -> anyhow::Result<Answer> {
        let (mut body, mut bytes, mut line) = (Vec::new(), head, String::new());
        loop {
            line.clear();
            bytes += self.stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).context("a piece without a length")?;
            let mut piece = vec![0; length + 2];
            self.stream.read_exact(&mut piece)?;
            bytes += piece.len();
            if length == 0 {
                return Ok(Answer { status, bytes, body });
            }
            piece.truncate(length);
            body.append(&mut piece);
        }
    }
}
