//! A receiver with TLS of its own on this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::webhooks::{Caller, Reach};

/// This machine.
pub const HERE: [&str; 1] = ["127.0.0.0/8"];

/// What came to a receiver: the lines of the head, and the body.
type Heard = Arc<Mutex<Vec<(Vec<String>, String)>>>;

/// A receiver with a certificate of its own, which answers what it is told to and then 200.
pub struct Receiver {
    pub at: SocketAddr,
    pub root: String,
    heard: Heard,
    answers: Arc<Mutex<Vec<&'static str>>>,
    pub connections: Arc<AtomicUsize>,
}

impl Receiver {
    pub fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let certificate: CertificateDer<'static> = made.cert.der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            at: listener.local_addr().unwrap(),
            root: made.cert.pem(),
            heard: Heard::default(),
            answers: Arc::default(),
            connections: Arc::default(),
        };
        let (heard, answers) = (Arc::clone(&receiver.heard), Arc::clone(&receiver.answers));
        let (connections, config) = (Arc::clone(&receiver.connections), Arc::new(config));
        thread::spawn(move || {
            for stream in listener.incoming() {
                connections.fetch_add(1, Ordering::SeqCst);
                let stream = stream.unwrap();
                let tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
                serve(tls, &heard, &answers);
            }
        });
        receiver
    }

    /// A caller that trusts this receiver, and may call these networks beside public addresses.
    pub fn caller(&self, networks: &[&str]) -> Caller {
        let mut reach = Reach::default();
        reach.host(&format!("*:{}", self.at.port())).unwrap();
        networks.iter().for_each(|network| reach.network(network).unwrap());
        Caller::new(reach, Some(self.root.as_bytes())).unwrap()
    }

    pub fn address(&self) -> String {
        format!("https://127.0.0.1:{}/hook", self.at.port())
    }

    pub fn answer(&self, status: &'static str, times: usize) {
        self.answers.lock().unwrap().extend(std::iter::repeat_n(status, times));
    }

    pub fn bodies(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    pub fn header(&self, nth: usize, name: &str) -> String {
        let heard = self.heard.lock().unwrap();
        let line = heard[nth].0.iter().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap();
        line.to_owned()
    }
}

/// Reads one request and answers it; a handshake that does not come about is over.
fn serve(tls: StreamOwned<ServerConnection, TcpStream>, heard: &Heard, answers: &Mutex<Vec<&'static str>>) {
    let mut tls = BufReader::new(tls);
    let (mut head, mut line) = (Vec::new(), String::new());
    while tls.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
        head.push(std::mem::take(&mut line).trim_end().to_owned());
    }
    let Some(length) = head.iter().find_map(|line| line.strip_prefix("content-length: ")) else { return };
    let mut body = vec![0; length.parse().unwrap()];
    tls.read_exact(&mut body).unwrap();
    heard.lock().unwrap().push((head, String::from_utf8(body).unwrap()));
    let mut answers = answers.lock().unwrap();
    let status = if answers.is_empty() { "200 OK" } else { answers.remove(0) };
    let _ = write!(tls.get_mut(), "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
    tls.get_mut().conn.send_close_notify();
    let _ = tls.get_mut().flush();
}
