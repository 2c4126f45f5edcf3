//! Webhooks against a receiver with TLS of its own on this machine. Nothing here may call anybody else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use banjie_store::accounts::account_set_disabled;
use banjie_store::notices::notice_insert;
use banjie_store::test_support::each_database;
use jiff::SignedDuration;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::*;
use crate::follow_up::to_holder;
use crate::messages;
use crate::testing;

/// What came to a receiver: the lines of the head, and the body.
type Heard = Arc<Mutex<Vec<(Vec<String>, String)>>>;

/// A receiver with a certificate of its own, which answers what it is told to and then 200.
struct Receiver {
    at: SocketAddr,
    root: String,
    heard: Heard,
    answers: Arc<Mutex<Vec<&'static str>>>,
    connections: Arc<AtomicUsize>,
}

impl Receiver {
    fn start() -> Self {
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

    /// A caller that trusts this receiver, and may call this machine when `inside`.
    fn caller(&self, inside: bool) -> Caller {
        let mut reach = Reach::default();
        reach.host(&format!("*:{}", self.at.port())).unwrap();
        if inside {
            reach.network("127.0.0.0/8").unwrap();
        }
        Caller::new(reach, Some(self.root.as_bytes())).unwrap()
    }

    fn address(&self) -> String {
        format!("https://127.0.0.1:{}/hook", self.at.port())
    }

    fn answer(&self, status: &'static str, times: usize) {
        self.answers.lock().unwrap().extend(std::iter::repeat_n(status, times));
    }

    fn bodies(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    fn header(&self, nth: usize, name: &str) -> String {
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

/// An employer is told something.
fn tell_employer(app: &App, who: &Principal, template: &str) {
    let (notice, job) = to_holder(app, (None, who.employer()), template);
    let stored: Outcome<()> = app.store.write(move |tx| {
        notice_insert(tx, &notice)?;
        Ok(banjie_store::notices::job_insert(tx, &job)?)
    });
    stored.unwrap();
}

fn only(app: &App, who: &Principal) -> Webhook {
    list(app, who).unwrap().into_iter().next().unwrap()
}

#[test]
fn a_webhook_is_told_in_order_signed_and_nothing_of_anybody() {
    each_database(|database| {
        let receiver = Receiver::start();
        let (mut app, folder) = testing::app_on(database);
        app.caller = receiver.caller(true);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        let other = testing::employer(&app, "杭州远山物流有限公司", "91330106MA2DEM0B9C");
        tell_employer(&app, &clerk, "case-accepted");
        let made = make(&app, &clerk, &receiver.address()).unwrap();
        for template in ["case-accepted", "case-granted"] {
            folder.clock.advance(SignedDuration::from_secs(1));
            tell_employer(&app, &clerk, template);
            tell_employer(&app, &other, "case-refused");
        }
        assert_eq!(only(&app, &clerk).waiting, 2, "from now on, and one's own only");
        assert_eq!(tell::turn(&app).unwrap(), 1);
        let bodies = receiver.bodies();
        let types: Vec<_> =
            bodies.iter().map(|body| serde_json::from_str::<serde_json::Value>(body).unwrap()).collect();
        assert_eq!(
            types.iter().map(|one| one["type"].as_str().unwrap()).collect::<Vec<_>>(),
            ["case-accepted", "case-granted"]
        );
        let (id, at) = (receiver.header(0, "webhook-id"), receiver.header(0, "webhook-timestamp"));
        assert_eq!(at, app.now().as_second().to_string());
        let key: [u8; 32] =
            Base64::decode_vec(made.secret.strip_prefix("whsec_").unwrap()).unwrap().try_into().unwrap();
        let signed = crate::seal::hmac_sha256(&key, format!("{id}.{at}.{}", bodies[0]).as_bytes());
        assert_eq!(receiver.header(0, "webhook-signature"), format!("v1,{}", Base64::encode_string(&signed)));
        assert_ne!(receiver.header(1, "webhook-id"), id);
        let after = only(&app, &clerk);
        assert_eq!((after.waiting, after.failed, after.outcome.as_deref()), (0, 0, Some("heard")));
        assert_eq!(tell::turn(&app).unwrap(), 0);
    });
}

/// RFC 4231, test case 2 has a short key; Standard Webhooks' own example has one of 24 bytes. Both are padded alike.
#[test]
fn the_signature_is_the_one_that_libraries_expect() {
    let mut key = [0; 32];
    key[..4].copy_from_slice(b"Jefe");
    let mac = crate::seal::hmac_sha256(&key, b"what do ya want for nothing?");
    assert_eq!(crate::session::hex(&mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

#[test]
fn what_failed_is_told_again_later_under_the_same_id_and_delays_what_comes_after() {
    let receiver = Receiver::start();
    let (mut app, folder) = testing::app();
    app.caller = receiver.caller(true);
    let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
    make(&app, &clerk, &receiver.address()).unwrap();
    receiver.answer("500 Oh", 2);
    tell_employer(&app, &clerk, "case-accepted");
    folder.clock.advance(SignedDuration::from_secs(1));
    tell_employer(&app, &clerk, "case-granted");
    tell::turn(&app).unwrap();
    let failed = only(&app, &clerk);
    assert_eq!((failed.waiting, failed.failed, failed.outcome.as_deref()), (2, 1, Some("500")));
    assert_eq!(tell::turn(&app).unwrap(), 0, "not before its time");
    folder.clock.advance(SignedDuration::from_secs(61));
    tell::turn(&app).unwrap();
    folder.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(tell::turn(&app).unwrap(), 0, "twice as long the second time");
    folder.clock.advance(SignedDuration::from_secs(60));
    tell::turn(&app).unwrap();
    assert_eq!((only(&app, &clerk).waiting, only(&app, &clerk).failed), (0, 0));
    let ids: Vec<_> = (0..4).map(|nth| receiver.header(nth, "webhook-id")).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
}

#[test]
fn a_place_that_never_answers_is_given_up_and_its_holder_told_and_one_that_says_goodbye_at_once() {
    let receiver = Receiver::start();
    let (mut app, folder) = testing::app();
    app.caller = receiver.caller(true);
    let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
    make(&app, &clerk, &receiver.address()).unwrap();
    tell_employer(&app, &clerk, "case-accepted");
    receiver.answer("503 Oh", 12);
    for nth in 1..12 {
        assert_eq!(tell::turn(&app).unwrap(), 1);
        assert_eq!(only(&app, &clerk).failed, nth);
        folder.clock.advance(SignedDuration::from_hours(24));
    }
    assert_eq!(tell::turn(&app).unwrap(), 1);
    let stopped = only(&app, &clerk);
    assert_eq!((stopped.stopped_why.as_deref(), stopped.waiting), (Some("failing"), 0));
    assert_eq!(messages::list(&app, &clerk).unwrap()[0].template, "webhook-stopped");
    assert_eq!(messages::list(&app, &clerk).unwrap()[0].about, Some(messages::About::Webhooks));
    receiver.answer("410 Gone", 1);
    make(&app, &clerk, &receiver.address()).unwrap();
    tell_employer(&app, &clerk, "case-granted");
    tell::turn(&app).unwrap();
    assert_eq!(only(&app, &clerk).stopped_why.as_deref(), Some("goodbye"));
}

#[test]
fn whoever_is_shut_out_hears_nothing_more() {
    let receiver = Receiver::start();
    let (mut app, _folder) = testing::app();
    app.caller = receiver.caller(true);
    let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
    make(&app, &clerk, &receiver.address()).unwrap();
    tell_employer(&app, &clerk, "case-accepted");
    let (id, now) = (clerk.account.clone(), app.micros());
    app.store.write(move |tx| account_set_disabled(tx, &id, true, now)).unwrap();
    tell_employer(&app, &clerk, "case-granted");
    assert_eq!(tell::turn(&app).unwrap(), 0);
    assert!(receiver.bodies().is_empty());
    assert!(matches!(make(&app, &clerk, &receiver.address()), Err(AppError::NotFound)));
}

#[test]
fn one_tries_and_stops_ones_own_and_what_is_wrong_is_told() {
    let receiver = Receiver::start();
    let (mut app, folder) = testing::app();
    let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
    let other = testing::employer(&app, "杭州远山物流有限公司", "91330106MA2DEM0B9C");
    assert!(matches!(make(&app, &clerk, "https://hr.example.com/"), Err(AppError::NotFound)), "nothing is called here");
    app.caller = receiver.caller(true);
    for (typed, code) in [
        ("", "webhook.address"),
        ("hr.example.com", "webhook.address"),
        ("http://hr.example.com/", "webhook.address"),
        ("https://a:b@127.0.0.1/", "webhook.address"),
        ("https://hr.example.com/", "webhook.host"),
    ] {
        match make(&app, &clerk, typed) {
            Err(AppError::Refused(Refusal::Answers(found))) => {
                assert_eq!((found[0].field.as_str(), found[0].problem.code), ("address", code), "{typed}");
            }
            other => panic!("{typed}: {:?}", other.map(|made| made.id)),
        }
    }
    let made = make(&app, &clerk, &receiver.address()).unwrap();
    assert!(matches!(stop(&app, &other, &made.id), Err(AppError::NotFound)));
    assert!(matches!(try_out(&app, &other, &made.id), Err(AppError::NotFound)));
    assert_eq!(try_out(&app, &clerk, &made.id).unwrap(), Ok(()));
    assert!(receiver.bodies()[0].contains("\"type\":\"test\""));
    assert!(matches!(try_out(&app, &clerk, &made.id), Err(AppError::Refused(Refusal::Answers(_)))), "a moment ago");
    folder.clock.advance(SignedDuration::from_secs(11));
    stop(&app, &clerk, &made.id).unwrap();
    stop(&app, &clerk, &made.id).unwrap();
    assert!(matches!(try_out(&app, &clerk, &made.id), Err(AppError::NotFound)));
}

/// Names that lead wherever a test wants, and somewhere else the next time.
#[derive(Debug)]
struct Rebinding {
    answers: Mutex<Vec<Vec<SocketAddr>>>,
}

impl Resolver for Rebinding {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut answers = self.answers.lock().unwrap();
        let now = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        let mut found = self.empty();
        now.into_iter().for_each(|address| found.push(address));
        Ok(found)
    }
}

fn letter() -> Letter {
    Letter { id: "not_test".to_owned(), at: 1, body: "{}".to_owned() }
}

#[test]
fn nothing_inside_is_connected_to_however_it_is_spelled() {
    let receiver = Receiver::start();
    let port = receiver.at.port();
    let spelled = [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "127.0.0.2",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]",
        "LOCALHOST",
        "127.0.0.1.",
        "[64:ff9b::7f00:1]",
    ];
    let guarded = receiver.caller(false);
    for host in spelled {
        let heard = guarded.post(&format!("https://{host}:{port}/"), &[1; 32], &letter());
        assert!(heard.is_err(), "{host}");
    }
    assert_eq!(receiver.connections.load(Ordering::SeqCst), 0, "with the guard");
    // The control: with the network named, the same call goes through.
    receiver.caller(true).post(&receiver.address(), &[1; 32], &letter()).unwrap();
    assert_eq!(receiver.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn a_name_that_leads_elsewhere_the_second_time_or_also_leads_inside_gains_nothing() {
    let inside = Receiver::start();
    let port = inside.at.port();
    let allowed = TcpListener::bind(("127.0.0.2", port)).unwrap();
    let calling = |answers: Vec<Vec<SocketAddr>>| {
        let mut reach = Reach::default();
        reach.host(&format!("hr.example.com:{port}")).unwrap();
        reach.network("127.0.0.2/32").unwrap();
        let names = Rebinding { answers: Mutex::new(answers) };
        Caller::asking(names, Duration::from_millis(300), reach, Some(inside.root.as_bytes())).unwrap()
    };
    let post = |caller: &Caller| caller.post(&format!("https://hr.example.com:{port}/"), &[1; 32], &letter());
    let there = allowed.local_addr().unwrap();
    let rebinding = calling(vec![vec![there], vec![inside.at]]);
    assert_eq!(post(&rebinding), Err(Unheard::TooSlow), "the first time it leads to where it may call");
    assert_eq!(post(&rebinding), Err(Unheard::NotAllowed));
    assert_eq!(post(&calling(vec![vec![inside.at, there]])), Err(Unheard::TooSlow), "of two only the one that may");
    assert_eq!(allowed.incoming().take(2).filter(Result::is_ok).count(), 2);
    assert_eq!(inside.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn nothing_is_followed_and_nobody_without_a_certificate_is_trusted() {
    let (first, second) = (Receiver::start(), Receiver::start());
    let to = Box::leak(format!("302 Found\r\nlocation: {}", second.address()).into_boxed_str());
    first.answer(to, 1);
    let heard = first.caller(true).post(&first.address(), &[1; 32], &letter());
    assert_eq!(heard, Err(Unheard::Status(302)));
    assert_eq!(second.connections.load(Ordering::SeqCst), 0);
    let stranger = Receiver { at: second.at, root: first.root.clone(), ..Receiver::start() };
    assert_eq!(stranger.caller(true).post(&second.address(), &[1; 32], &letter()), Err(Unheard::NotTrusted));
    assert!(second.bodies().is_empty());
    let bare = first.address().replace("https", "http");
    assert!(first.caller(true).post(&bare, &[1; 32], &letter()).is_err());
}

#[test]
fn who_does_not_answer_is_left_and_who_is_not_there_is_told_apart() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut reach = Reach::default();
    reach.host(&format!("127.0.0.1:{port}")).unwrap();
    reach.host(&format!("nobody.invalid:{port}")).unwrap();
    reach.network("127.0.0.0/8").unwrap();
    let caller = Caller::asking(DefaultResolver::default(), Duration::from_millis(300), reach, None).unwrap();
    let address = format!("https://127.0.0.1:{port}/");
    assert_eq!(caller.post(&address, &[1; 32], &letter()), Err(Unheard::TooSlow));
    drop(silent);
    assert_eq!(caller.post(&address, &[1; 32], &letter()), Err(Unheard::NoConnection));
}
